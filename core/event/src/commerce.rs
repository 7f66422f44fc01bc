//! The members of `properties` that folds and recommendations use, read once per event.

use kith_base::{Amount, Json, limits};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};

/// Shopping members of an event, from the Segment e-commerce v2 spec. Text is trimmed by nobody:
/// what the shop sends is what the catalog must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commerce {
    /// The product of a single-product event, when it has an id.
    pub product: LineItem,
    /// `products[]` of a cart or order event, cut at the limit.
    pub products: Vec<LineItem>,
    /// `revenue`, else `value`, else `total`.
    pub value: Option<Amount>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// `order_id`.
    pub order_id: Option<String>,
    /// `query` of a search.
    pub query: Option<String>,
    /// `url` of a page view.
    pub url: Option<String>,
}

/// One product in an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineItem {
    /// `product_id`, else `item_id`, else `sku`.
    pub item_id: Option<String>,
    /// First of `category`, or the whole path as sent.
    pub category: Option<String>,
    /// `brand`.
    pub brand: Option<String>,
    /// `price` of one piece.
    pub price: Option<Amount>,
    /// `quantity`, 1 when absent.
    pub quantity: Option<i64>,
}

impl Commerce {
    /// Reads them; members of an unexpected type are skipped, never an error.
    pub fn read(properties: &Json) -> Self {
        let mut commerce = Commerce::default();
        let mut parser = serde_json::Deserializer::from_str(properties.as_str());
        let _ = parser.deserialize_any(TopLevel(&mut commerce));
        commerce
    }

    /// `products[]`, or the single product when there are none.
    pub fn lines(&self) -> &[LineItem] {
        if self.products.is_empty() && self.product.item_id.is_some() {
            std::slice::from_ref(&self.product)
        } else {
            &self.products
        }
    }
}

#[derive(Default)]
struct Totals {
    revenue: Option<Amount>,
    value: Option<Amount>,
    total: Option<Amount>,
}

struct TopLevel<'a>(&'a mut Commerce);

impl<'de> Visitor<'de> for TopLevel<'_> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let commerce = self.0;
        let mut totals = Totals::default();
        let mut ids = ProductIds::default();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*key {
                "revenue" => totals.revenue = map.next_value::<Scalar>()?.amount(),
                "value" => totals.value = map.next_value::<Scalar>()?.amount(),
                "total" => totals.total = map.next_value::<Scalar>()?.amount(),
                "currency" => commerce.currency = map.next_value::<Scalar>()?.text(),
                "order_id" => commerce.order_id = map.next_value::<Scalar>()?.text(),
                "query" => commerce.query = map.next_value::<Scalar>()?.text(),
                "url" => commerce.url = map.next_value::<Scalar>()?.text(),
                "products" => commerce.products = map.next_value::<Lines>()?.0,
                other => {
                    if !read_product_member(other, &mut map, &mut commerce.product, &mut ids)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
            }
        }
        commerce.product.item_id = ids.best();
        commerce.value = totals.revenue.or(totals.value).or(totals.total);
        Ok(())
    }
}

#[derive(Default)]
struct ProductIds {
    product_id: Option<String>,
    item_id: Option<String>,
    sku: Option<String>,
}

impl ProductIds {
    fn best(self) -> Option<String> {
        self.product_id.or(self.item_id).or(self.sku)
    }
}

fn read_product_member<'de, A: MapAccess<'de>>(
    key: &str,
    map: &mut A,
    line: &mut LineItem,
    ids: &mut ProductIds,
) -> Result<bool, A::Error> {
    match key {
        "product_id" => ids.product_id = map.next_value::<Scalar>()?.text(),
        "item_id" => ids.item_id = map.next_value::<Scalar>()?.text(),
        "sku" => ids.sku = map.next_value::<Scalar>()?.text(),
        "category" => line.category = map.next_value::<Scalar>()?.text(),
        "brand" => line.brand = map.next_value::<Scalar>()?.text(),
        "price" => line.price = map.next_value::<Scalar>()?.amount(),
        "quantity" => line.quantity = map.next_value::<Scalar>()?.integer(),
        _ => return Ok(false),
    }
    Ok(true)
}

struct Lines(Vec<LineItem>);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values: kith_base::Value = Deserialize::deserialize(deserializer)?;
        let kith_base::Value::List(list) = values else {
            return Ok(Lines(Vec::new()));
        };
        let scalar = |map: &kith_base::Value, key: &str| Scalar(map.path(key).clone());
        let read = |map: &kith_base::Value| LineItem {
            item_id: ["product_id", "item_id", "sku"]
                .iter()
                .find_map(|key| scalar(map, key).text()),
            category: scalar(map, "category").text(),
            brand: scalar(map, "brand").text(),
            price: scalar(map, "price").amount(),
            quantity: scalar(map, "quantity").integer(),
        };
        Ok(Lines(
            list.iter()
                .take(limits::PRODUCTS_PER_EVENT_MAX)
                .map(read)
                .collect(),
        ))
    }
}

struct Scalar(kith_base::Value);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        kith_base::Value::deserialize(deserializer)
            .map(Scalar)
            .map_err(de::Error::custom)
    }
}

impl Scalar {
    fn text(self) -> Option<String> {
        match self.0 {
            kith_base::Value::Text(text) if !text.is_empty() => Some(text),
            kith_base::Value::Int(int) => Some(int.to_string()),
            kith_base::Value::List(list) => list.into_iter().find_map(|value| Scalar(value).text()),
            _ => None,
        }
    }

    fn amount(self) -> Option<Amount> {
        match self.0 {
            kith_base::Value::Int(int) => Some(Amount::from_micros(i128::from(int) * 1_000_000)),
            kith_base::Value::Float(float) => Amount::from_f64(float),
            kith_base::Value::Text(text) => Amount::parse(&text),
            _ => None,
        }
    }

    fn integer(self) -> Option<i64> {
        match self.0 {
            kith_base::Value::Int(int) => Some(int),
            kith_base::Value::Float(float) if float.abs() < 1e15 => Some(float.round() as i64),
            kith_base::Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Commerce {
        Commerce::read(&Json::parse(text).unwrap())
    }

    #[test]
    fn reads_a_product_view() {
        let commerce = read(r#"{"product_id":7,"category":"shoes","price":"19.90","x":{"y":1}}"#);
        assert_eq!(commerce.product.item_id.as_deref(), Some("7"));
        assert_eq!(commerce.lines()[0].category.as_deref(), Some("shoes"));
        assert_eq!(commerce.product.price, Amount::parse("19.9"));
    }

    #[test]
    fn reads_an_order_and_prefers_revenue() {
        let commerce = read(
            r#"{"value":9,"revenue":25.5,
                "products":[{"sku":"a","quantity":2},{"product_id":"b"}]}"#,
        );
        assert_eq!(commerce.value, Amount::parse("25.5"));
        assert_eq!(commerce.lines().len(), 2);
        assert_eq!(commerce.lines()[0].quantity, Some(2));
    }

    #[test]
    fn products_are_read_up_to_the_limit() {
        let order = |count: usize| {
            let products: Vec<String> = (0..count)
                .map(|n| format!(r#"{{"product_id":"p{n}"}}"#))
                .collect();
            read(&format!(
                r#"{{"revenue":1,"products":[{}]}}"#,
                products.join(",")
            ))
        };
        let max = limits::PRODUCTS_PER_EVENT_MAX;
        let last = format!("p{}", max - 1);
        for count in [max, max + 1] {
            let order = order(count);
            assert_eq!(order.lines().len(), max, "{count}");
            assert_eq!(order.lines()[max - 1].item_id.as_deref(), Some(&*last));
            assert_eq!(
                order.value,
                Amount::parse("1"),
                "what follows is still read"
            );
        }
    }

    #[test]
    fn odd_types_are_skipped() {
        assert_eq!(
            read(r#"{"price":[],"products":3,"quantity":{}}"#).lines(),
            &[]
        );
        assert_eq!(read("[]"), Commerce::default());
        assert_eq!(read("null"), Commerce::default());
    }
}
