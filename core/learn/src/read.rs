//! Files of interactions as they are published: lines of items, or tables of events.
//!
//! A line is a user and then items in order. A table has one event a row, columns divided by
//! comma, tab, semicolon or bar, with names in the first row or, without, in the order user
//! (or session), item, time. What a column means follows from its name alone.

mod moment;

use std::collections::BTreeMap;

use crate::Error;
use crate::interactions::Builder;

pub use moment::parse as parse_time;

/// One event of a table; what a table does not tell is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who, or which session.
    pub user: String,
    /// Which item.
    pub item: String,
    /// When, in milliseconds since 1970.
    pub at: Option<i64>,
    /// Which order.
    pub basket: Option<String>,
    /// What was done.
    pub behaviour: Option<String>,
    /// A value of the column asked for.
    pub dimension: Option<String>,
}

/// A table that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Events that count, in the order of the file.
    pub rows: Vec<Row>,
    /// Rows that do not, by reason.
    pub left_out: BTreeMap<&'static str, usize>,
    /// Whether there is a column with orders.
    pub baskets: bool,
}

/// What is wanted of a table.
#[derive(Clone, Debug, Default)]
pub struct Wanted<'a> {
    /// A further column to read.
    pub dimension: Option<&'a str>,
    /// Rows rated lower do not count.
    pub rating_min: Option<f64>,
    /// The user of a row is its session, when there is a column with sessions.
    pub sessions: bool,
}

const SESSION: &[&str] = &["sessionid", "session", "visitid", "visit"];
const USER: &[&str] = &[
    "userid",
    "user",
    "customerid",
    "customer",
    "visitorid",
    "visitor",
    "householdid",
    "memberid",
    "clientid",
    "personid",
    "anonymousid",
    "uid",
];
const ITEM: &[&str] = &[
    "itemid",
    "item",
    "productid",
    "product",
    "stockcode",
    "sku",
    "movieid",
    "articleid",
    "asin",
    "itemidx",
    "iid",
];
const TIME: &[&str] = &[
    "timestamp",
    "time",
    "invoicedate",
    "transactiontimestamp",
    "datetime",
    "eventtime",
    "date",
    "orderdate",
    "at",
    "ts",
    "unixtime",
    "ordernumber",
];
const BASKET: &[&str] = &[
    "invoiceno",
    "invoice",
    "orderid",
    "basketid",
    "order",
    "basket",
    "transactionid",
];
const BEHAVIOUR: &[&str] = &[
    "behavior",
    "behaviour",
    "event",
    "eventtype",
    "behaviortype",
    "type",
];
const QUANTITY: &[&str] = &["quantity", "qty"];
const PRICE: &[&str] = &["unitprice", "price"];
const RATING: &[&str] = &["rating", "stars"];

/// Places of the columns that mean something.
#[derive(Debug, Default)]
struct Columns {
    user: usize,
    item: usize,
    time: Option<usize>,
    basket: Option<usize>,
    behaviour: Option<usize>,
    quantity: Option<usize>,
    price: Option<usize>,
    rating: Option<usize>,
    dimension: Option<usize>,
}

/// Letters and digits of a column's name in lower case; what follows a colon is its type.
fn plain(name: &str) -> String {
    let name = name.split(':').next().unwrap_or_default();
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether the text is a table and not lines of items: it has a row of names, or all of its first
/// rows have the same three to five fields and users come back.
pub fn is_table(text: &str) -> bool {
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else {
        return false;
    };
    let names: Vec<String> = split(first, delimiter(first))
        .iter()
        .map(|name| plain(name))
        .collect();
    if (has_any(&names, USER) || has_any(&names, SESSION)) && has_any(&names, ITEM) {
        return true;
    }
    let sample: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(1_000)
        .map(|line| split(line, delimiter(first)))
        .collect();
    let users = sample
        .windows(2)
        .filter(|pair| pair[0][0] == pair[1][0])
        .count();
    let width = sample[0].len();
    (3..=5).contains(&width) && sample.iter().all(|row| row.len() == width) && users > 0
}

fn has_any(names: &[String], known: &[&str]) -> bool {
    names.iter().any(|name| known.contains(&name.as_str()))
}

/// What divides the fields of a line: the first of these that it holds, else white space.
fn delimiter(line: &str) -> Option<char> {
    ['\t', ',', ';', '|']
        .into_iter()
        .find(|delimiter| line.contains(*delimiter))
}

fn split(line: &str, delimiter: Option<char>) -> Vec<&str> {
    match delimiter {
        Some(delimiter) => line
            .split(delimiter)
            .map(|field| field.trim().trim_matches('"'))
            .collect(),
        None => line.split_whitespace().collect(),
    }
}

/// Adds lines of a user and items to a set.
pub fn lines(text: &str, set: u8, to: &mut Builder) -> Result<(), Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in text.lines().enumerate() {
        let words = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|'));
        let mut words = words.filter(|word| !word.is_empty());
        let Some(user) = words.next() else { continue };
        for (at, item) in words.enumerate() {
            let pushed = to.push(set, user, item, at as i64);
            pushed.map_err(|error| match error {
                Error::TooMany {
                    what: what @ "bytes of an id",
                    most,
                } => Error::Line {
                    line: number + 1,
                    what: format!("{what}: at most {most}"),
                },
                other => other,
            })?;
        }
    }
    Ok(())
}

/// Reads a table.
pub fn table(text: &str, wanted: &Wanted<'_>) -> Result<Table, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else {
        return Err(Error::Empty("the file has no lines"));
    };
    let spaced;
    let (text, delimiter) = match delimiter(first) {
        Some(delimiter) => (text, delimiter as u8),
        None => {
            let lines = text
                .lines()
                .map(|line| line.split_whitespace().collect::<Vec<_>>().join("\t"));
            spaced = lines.collect::<Vec<_>>().join("\n");
            (&*spaced, b'\t')
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let Some(head) = records.next() else {
        return Err(Error::Empty("the file has no lines"));
    };
    let head = head.map_err(|error| Error::Input(error.to_string()))?;
    let (columns, named) = columns(&head, wanted)?;
    let mut table = Table {
        baskets: columns.basket.is_some(),
        ..Table::default()
    };
    let first = (!named).then_some(Ok(head));
    for (index, record) in first.into_iter().chain(records).enumerate() {
        let line = index + 1 + usize::from(named);
        let record = record.map_err(|error| Error::Input(error.to_string()))?;
        match row(&record, &columns, wanted, line)? {
            Ok(row) => table.rows.push(row),
            Err(reason) => *table.left_out.entry(reason).or_default() += 1,
        }
    }
    leave_out_services(&mut table, columns.price.is_some());
    Ok(table)
}

fn columns(head: &csv::StringRecord, wanted: &Wanted<'_>) -> Result<(Columns, bool), Error> {
    let names: Vec<String> = head.iter().map(plain).collect();
    let find = |known: &[&str]| {
        known
            .iter()
            .find_map(|k| names.iter().position(|name| name == k))
    };
    let dimension = match wanted.dimension {
        None => None,
        Some(column) => {
            let place = names.iter().position(|name| *name == plain(column));
            let known: Vec<&str> = head.iter().collect();
            let missing = || {
                Error::Input(format!(
                    "no column {column:?}; there are {}",
                    known.join(", ")
                ))
            };
            Some(place.ok_or_else(missing)?)
        }
    };
    let (user, session) = (find(USER), find(SESSION));
    let user = if wanted.sessions {
        session.or(user)
    } else {
        user.or(session)
    };
    if let (Some(user), Some(item)) = (user, find(ITEM)) {
        let made = Columns {
            user,
            item,
            time: find(TIME),
            basket: find(BASKET),
            behaviour: find(BEHAVIOUR),
            quantity: find(QUANTITY),
            price: find(PRICE),
            rating: find(RATING),
            dimension,
        };
        return Ok((made, true));
    }
    let numbers = head
        .iter()
        .filter(|field| field.trim().parse::<f64>().is_ok())
        .count();
    if head.len() < 2 || numbers == 0 {
        let told: Vec<&str> = head.iter().take(12).collect();
        return Err(Error::Input(format!(
            "no columns for a user and an item; the first line has: {}",
            told.join(", ")
        )));
    }
    // User, item and time; of four columns the third is a rating, as MovieLens has it.
    let rated = head.len() >= 4;
    let time = if rated { 3 } else { 2 };
    let made = Columns {
        user: 0,
        item: 1,
        time: (head.len() > 2).then_some(time),
        rating: rated.then_some(2),
        ..Columns::default()
    };
    Ok((made, false))
}

/// A row, or why it does not count, or why the file cannot be read.
fn row(
    record: &csv::StringRecord,
    columns: &Columns,
    wanted: &Wanted<'_>,
    line: usize,
) -> Result<Result<Row, &'static str>, Error> {
    let text = |place: usize| record.get(place).map_or("", str::trim);
    let some = |place: Option<usize>| place.map(|place| text(place).to_owned());
    let number = |place: Option<usize>| place.and_then(|place| text(place).parse::<f64>().ok());
    let (user, item) = (text(columns.user), text(columns.item));
    if user.is_empty() || item.is_empty() {
        return Ok(Err("no user or no item"));
    }
    if [columns.quantity, columns.price]
        .iter()
        .any(|of| number(*of).is_some_and(|n| n <= 0.0))
    {
        return Ok(Err("a quantity or price not above 0"));
    }
    let basket = some(columns.basket);
    let cancelled = |basket: &String| {
        basket
            .strip_prefix(['C', 'c'])
            .is_some_and(|rest| rest.parse::<u64>().is_ok())
    };
    if basket.as_ref().is_some_and(cancelled) {
        return Ok(Err("a cancellation"));
    }
    let low = |least| number(columns.rating).is_some_and(|rating| rating < least);
    if wanted.rating_min.is_some_and(low) {
        return Ok(Err("rated too low"));
    }
    let at = match columns.time.map(text) {
        None | Some("") => None,
        Some(time) => Some(parse_time(time).ok_or_else(|| {
            let what = format!("{time:?} is no time: a number of seconds or 2026-01-31 12:00:00");
            Error::Line { line, what }
        })?),
    };
    Ok(Ok(Row {
        user: user.to_owned(),
        item: item.to_owned(),
        at,
        basket,
        behaviour: some(columns.behaviour),
        dimension: some(columns.dimension),
    }))
}

/// Of invoices with article numbers: lines whose code has no number are postage, fees, vouchers.
fn leave_out_services(table: &mut Table, priced: bool) {
    let numbered = |row: &Row| row.item.starts_with(|c: char| c.is_ascii_digit());
    let count = table.rows.iter().filter(|row| numbered(row)).count();
    let most = count * 20 >= table.rows.len() * 19;
    if table.baskets && priced && most && count < table.rows.len() {
        let services = table.rows.len() - count;
        table.left_out.insert("a service, by its code", services);
        table.rows.retain(numbered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str, Option<i64>)]) {
        let table = table(text, &Wanted::default()).unwrap();
        let rows = table
            .rows
            .iter()
            .map(|row| (&*row.user, &*row.item, row.at));
        assert_eq!(rows.collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn tables_of_many_shapes() {
        check(
            "SessionId\tItemId\tTime\n1\t2\t3.5\n",
            &[("1", "2", Some(3_500))],
        );
        check("1\t2\t3\n", &[("1", "2", Some(3_000))]);
        check("7 8 5 9\n", &[("7", "8", Some(9_000))]);
        check(
            "user_id:token\titem_id:token\trating:float\n1\t2\t5\n",
            &[("1", "2", None)],
        );
        check("item;user\r\n\"a\";b\r\n;c\r\n", &[("b", "a", None)]);
        let invoices =
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n";
        let row = |code: &str, quantity| {
            format!("5,{code},\"A, b\",{quantity},1970-01-01 00:00:01,2,9\n")
        };
        let rows: String = (0..30).map(|n| row(&n.to_string(), 1)).collect();
        let text = format!(
            "{invoices}{rows}{}{}C5,1,x,1,,1,9\n",
            row("POST", 1),
            row("1", -1)
        );
        let made = table(&text, &Wanted::default()).unwrap();
        assert_eq!((made.rows.len(), made.left_out.len()), (30, 3));
        assert_eq!(made.rows[0].at, Some(1_000));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let error = |text: &str| table(text, &Wanted::default()).unwrap_err().to_string();
        assert!(error("colour,shape\nred,round\n").contains("colour, shape"));
        assert!(error("user,item,time\n1,2,yesterday\n").contains("line 2"));
        assert!(error("").contains("nothing to learn from"));
        let dimension = Wanted {
            dimension: Some("brand"),
            ..Wanted::default()
        };
        assert!(
            table("user,item\n1,2\n", &dimension)
                .unwrap_err()
                .to_string()
                .contains("brand")
        );
    }

    #[test]
    fn lines_and_tables_are_told_apart() {
        assert!(is_table("user,item\n1,2\n"));
        assert!(is_table("1 5 4 100\n1 6 4 101\n"));
        assert!(!is_table("1 5 6 7\n2 5\n3 6 7\n"));
        assert!(!is_table("1 5 6\n2 5 6\n3 6 7\n"));
        assert!(!is_table(""));
        let mut builder = Builder::default();
        lines("1 5 6\n\n2,5\n1 5 6\n", 0, &mut builder).unwrap();
        let gathered = builder.finish(1);
        assert_eq!(gathered.sets[0].first_touches().row(0), [0, 1]);
        let long = format!("1 {}\n", "x".repeat(300));
        assert!(
            lines(&long, 0, &mut Builder::default())
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
    }
}
