//! JSON as serde's input, made for little code rather than for speed.
//!
//! A struct is handed over field by field in its own order, as if it were a list. So serde needs no code that finds out
//! which field comes next, which is most of what it needs otherwise, for every type anew. In return a missing field is
//! only a default where the type says so, and a field that the type does not know is passed over.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

thread_local! {
    /// The field that was read last, for errors.
    static FIELD: Cell<&'static str> = const { Cell::new("") };
}

/// Why a value is not of the type that was wanted: the field, and what is wrong with it.
///
/// The program behind the window writes what is read here, so nobody meets this who did not change one of the two. That is
/// why it leaves out what serde would say: those sentences, and the way to write numbers into them, are a part of the bundle.
#[derive(Debug, PartialEq, Eq)]
pub struct Misread(String);

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misread {}

impl Misread {
    /// What is wrong.
    pub fn new(what: &str) -> Self {
        Self(format!("{}: {what}", FIELD.get()))
    }
}

impl serde::de::Error for Misread {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(&message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("another type")
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new("another value")
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self::new("a field is missing")
    }

    fn unknown_variant(word: &str, _: &'static [&'static str]) -> Self {
        Self::new(word)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(field)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(field)
    }
}

type Error = Misread;

/// A JSON value to be given a type.
pub struct Input(pub Value);

fn wrong(wanted: &str) -> Error {
    Misread::new(wanted)
}

fn number<T>(number: Option<T>) -> Result<T, Error> {
    number.ok_or_else(|| wrong("not such a number"))
}

macro_rules! numbers {
    ($($method:ident $visit:ident $read:ident;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(number(self.0.$read())?)
        }
    )* };
}

impl<'de> Deserializer<'de> for Input {
    type Error = Error;

    numbers! {
        deserialize_bool visit_bool as_bool;
        deserialize_u8 visit_u64 as_u64;
        deserialize_u16 visit_u64 as_u64;
        deserialize_u32 visit_u64 as_u64;
        deserialize_u64 visit_u64 as_u64;
        deserialize_f64 visit_f64 as_f64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (_, _, Some(number)) => visitor.visit_f64(number),
                _ => Err(wrong("not such a number")),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0 {
            Value::String(text) => visitor.visit_str(text),
            _ => Err(wrong("not a text")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            _ => Err(wrong("not a text")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(wrong("not a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => visitor.visit_map(Entries { rest: map.into_iter(), value: Value::Null }),
            _ => Err(wrong("not an object")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(map) => visitor.visit_seq(Fields { rest: fields.iter(), map }),
            _ => Err(wrong("not an object")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(word.into_deserializer()),
            _ => Err(wrong("not a word")),
        }
    }

    forward_to_deserialize_any! { i8 i16 i32 i64 f32 char bytes byte_buf unit_struct tuple_struct ignored_any }
}

/// The items of a list.
struct Items(std::vec::IntoIter<Value>);

impl<'de> SeqAccess<'de> for Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|item| seed.deserialize(Input(item))).transpose()
    }
}

/// The fields of an object in the order of a struct. A field that is missing is none, and so a default where it has one.
struct Fields {
    rest: std::slice::Iter<'static, &'static str>,
    map: Map<String, Value>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let field = self.rest.next().and_then(|name| {
            FIELD.set(name);
            self.map.remove(*name)
        });
        field.map(|value| seed.deserialize(Input(value))).transpose()
    }
}

/// The entries of an object.
struct Entries {
    rest: serde_json::map::IntoIter,
    value: Value,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Input(Value::String(key))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Input(self.value.take()))
    }
}

#[cfg(test)]
mod tests {
    use plan::{ClusterPlan, Preset, Provider};
    use protocol::{ClusterView, HomeView};
    use serde::{Deserialize, Serialize, de::DeserializeOwned};
    use serde_json::json;

    use super::Input;
    use crate::scenes;

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> bool {
        let json = serde_json::to_value(value).unwrap_or_default();
        T::deserialize(Input(json)).is_ok_and(|read| read == *value)
    }

    #[test]
    fn every_picture_is_read_as_it_was_written() {
        for view in
            [scenes::planned(), scenes::running(), scenes::failed(), scenes::up(), scenes::lost(), scenes::long()]
        {
            assert!(comes_back::<ClusterView>(&view));
        }
        assert!(comes_back::<HomeView>(&scenes::home(scenes::cards())));
    }

    #[test]
    fn plans_with_all_that_may_be_missing_are_read() {
        for (preset, _) in Preset::ALL {
            for (provider, _) in Provider::ALL {
                let mut plan = preset.plan("a", provider, plan::real_network());
                assert!(comes_back::<ClusterPlan>(&plan));
                plan.zookeeper.admin_port = Some(8081);
                plan.mesos.quorum = Some(2);
                plan.applications.clear();
                assert!(comes_back::<ClusterPlan>(&plan));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        for json in [json!({}), json!([]), json!("x"), json!({ "name": 1, "nodes": [], "network": { "cidr": "x" } })] {
            assert!(ClusterPlan::deserialize(Input(json)).is_err());
        }
    }

    #[test]
    fn an_error_names_its_field() {
        let error = plan::Node::deserialize(Input(json!({ "name": "a", "address": 7 }))).err();
        assert_eq!(error.map(|e| e.to_string()).as_deref(), Some("address: not a text"));
    }

    #[test]
    fn a_value_comes_back_as_it_is() {
        let value = json!({ "a": [1, -2, 0.5, null, true, "x", {}], "b": { "c": [] } });
        assert_eq!(serde_json::Value::deserialize(Input(value.clone())), Ok(value));
    }
}
