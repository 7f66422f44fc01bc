//! Files as other programs write them, made with the writer that exports use.

use std::path::PathBuf;

use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::super::mapping::Mapping;
use super::super::rows::Rows;
use super::*;

type Group<'a> = SerializedRowGroupWriter<'a, File>;

struct Fixture {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

/// A file of the given schema; `fill` writes one group of rows.
fn written(schema: &str, compression: Compression, fill: fn(&mut Group<'_>)) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(compression);
    let file = File::create(&path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build())).unwrap();
    for _ in 0..2 {
        let mut group = writer.next_row_group().unwrap();
        fill(&mut group);
        group.close().unwrap();
    }
    writer.close().unwrap();
    Fixture {
        _folder: folder,
        path,
    }
}

fn column<T: DataType>(group: &mut Group<'_>, values: &[T::T], present: &[i16]) {
    let mut writer = group.next_column().unwrap().unwrap();
    let levels = Some(present);
    writer
        .typed::<T>()
        .write_batch(values, levels, None)
        .unwrap();
    writer.close().unwrap();
}

fn open(fixture: &Fixture, wanted: &[&str]) -> Result<Rows> {
    let mapping: Mapping = serde_norway::from_str("{id: test}").unwrap();
    let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
    Rows::open(&fixture.path, &mapping, &wanted)
}

fn lines(mut rows: Rows) -> Vec<String> {
    let mut lines = vec![rows.columns().join("/")];
    while let Some(reading) = rows.next().unwrap() {
        lines.push(match reading {
            Ok(row) => format!("{}: {}", row.line, row.cells.join("/")),
            Err((line, complaint)) => format!("{line}! {} {}", complaint.column, complaint.message),
        });
    }
    lines
}

const SALES: &str = "message sales {
  optional int64 user;
  optional double price;
  optional boolean gift;
  optional byte_array name (STRING);
  optional int32 day (DATE);
  optional int64 millis (TIMESTAMP(MILLIS, true));
  optional int64 micros (TIMESTAMP(MICROS, true));
  optional int64 nanos (TIMESTAMP(NANOS, true));
  optional int64 local (TIMESTAMP(NANOS, false));
  optional int64 wall (TIMESTAMP(MICROS, false));
  optional int32 cents (DECIMAL(9, 2));
}";

fn sales(group: &mut Group<'_>) {
    let at = 1_511_544_070_250_i64;
    column::<Int64Type>(group, &[17_850], &[1, 0]);
    column::<DoubleType>(group, &[4.4e-16], &[1, 0]);
    column::<BoolType>(group, &[true], &[1, 0]);
    column::<ByteArrayType>(group, &[ByteArray::from(" Bob ")], &[1, 0]);
    column::<Int32Type>(group, &[17_494], &[1, 0]);
    column::<Int64Type>(group, &[at], &[1, 0]);
    column::<Int64Type>(group, &[at * 1_000 + 7], &[1, 0]);
    column::<Int64Type>(group, &[at * 1_000_000 + 7], &[1, 0]);
    column::<Int64Type>(group, &[at * 1_000_000], &[1, 0]);
    column::<Int64Type>(group, &[at * 1_000], &[1, 0]);
    column::<Int32Type>(group, &[-1_999], &[1, 0]);
}

#[test]
fn values_are_read_as_a_csv_file_holds_them() {
    for packed in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::ZSTD(parquet::basic::ZstdLevel::default()),
    ] {
        let fixture = written(SALES, packed, sales);
        let all = [
            "cents", "user", "price", "gift", "name", "day", "millis", "micros", "nanos", "local",
            "wall",
        ];
        let full = "17850/0.00000000000000044/true/Bob/2017-11-24/2017-11-24T17:21:10.250Z/\
                    2017-11-24T17:21:10.250Z/2017-11-24T17:21:10.250Z/2017-11-24T17:21:10.250/\
                    2017-11-24T17:21:10.250/-19.99";
        assert_eq!(
            lines(open(&fixture, &all).unwrap()),
            [
                "user/price/gift/name/day/millis/micros/nanos/local/wall/cents",
                &format!("1: {full}"),
                "2: //////////",
                &format!("3: {full}"),
                "4: //////////",
            ]
        );
    }
}

#[test]
fn only_named_columns_are_read() {
    let fixture = written(SALES, Compression::SNAPPY, sales);
    let expect = ["user/name", "1: 17850/Bob", "2: /", "3: 17850/Bob", "4: /"];
    assert_eq!(lines(open(&fixture, &["name", "user"]).unwrap()), expect);
}

const NESTED: &str = "message nested {
  required int64 id;
  required group place { required byte_array city (STRING); }
  repeated int64 tags;
}";

fn nested(group: &mut Group<'_>) {
    fn write<T: DataType>(group: &mut Group<'_>, value: T::T, levels: Option<[&[i16]; 2]>) {
        let mut writer = group.next_column().unwrap().unwrap();
        let [present, repeated] = match levels {
            Some([present, repeated]) => [Some(present), Some(repeated)],
            None => [None, None],
        };
        writer
            .typed::<T>()
            .write_batch(&[value], present, repeated)
            .unwrap();
        writer.close().unwrap();
    }
    write::<Int64Type>(group, 1, None);
    write::<ByteArrayType>(group, ByteArray::from("Ulm"), None);
    write::<Int64Type>(group, 5, Some([&[1], &[0]]));
}

#[test]
fn nested_and_unknown_columns_are_refused_together() {
    let fixture = written(NESTED, Compression::SNAPPY, nested);
    let error = open(&fixture, &["id", "place.city", "tags", "nmae"])
        .err()
        .unwrap()
        .to_string();
    for part in [
        "column \"place\" holds lists or objects",
        "column \"tags\" holds lists or objects: write each value",
        "the file has no column \"nmae\"; it has id, place, tags",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(
        lines(open(&fixture, &["id"]).unwrap()),
        ["id", "1: 1", "2: 1"]
    );
}

#[test]
fn bytes_that_are_no_text_are_a_complaint_about_their_row() {
    let schema = "message m { optional byte_array raw; }";
    let fixture = written(schema, Compression::SNAPPY, |group| {
        let raw = [ByteArray::from(vec![0xff]), ByteArray::from("fine")];
        column::<ByteArrayType>(group, &raw, &[1, 1]);
    });
    let bad = "! raw the bytes are not UTF-8 text";
    assert_eq!(
        lines(open(&fixture, &["raw"]).unwrap()),
        [
            "raw",
            &format!("1{bad}"),
            "2: fine",
            &format!("3{bad}"),
            "4: fine"
        ]
    );
}

#[test]
fn damaged_files_are_refused() {
    let fixture = written(SALES, Compression::UNCOMPRESSED, sales);
    let whole = std::fs::read(&fixture.path).unwrap();
    std::fs::write(&fixture.path, &whole[..whole.len() - 20]).unwrap();
    let error = open(&fixture, &["user"]).err().unwrap().to_string();
    assert!(
        error.contains("a.parquet is not a whole Parquet file"),
        "{error}"
    );

    let mut torn = whole.clone();
    torn[4..60].fill(0xff);
    std::fs::write(&fixture.path, torn).unwrap();
    let mut rows = open(&fixture, &["user"]).unwrap();
    let error = rows.next().unwrap_err().to_string();
    assert_eq!(error, "row 1 of the Parquet file is damaged");

    let packed = fixture.path.with_file_name("a.parquet.gz");
    std::fs::write(&packed, b"").unwrap();
    let fixture = Fixture {
        path: packed,
        ..fixture
    };
    let error = open(&fixture, &["user"]).err().unwrap().to_string();
    assert!(error.contains("unpack a.parquet.gz first"), "{error}");
}
