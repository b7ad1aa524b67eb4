//! What can be typed into a field, and what it means.

use std::{collections::BTreeMap, net::Ipv4Addr, str::FromStr};

use serde_json::Value;
use words::{Lang, Text};

/// A value of the plan that a person types.
pub trait Entry: Sized {
    /// As it stands in the field.
    fn show(&self) -> String;
    /// What a text means, or why it means nothing.
    fn read(text: &str) -> Result<Self, Text>;
}

fn parsed<T: FromStr>(text: &str, en: &str, fr: &str) -> Result<T, Text> {
    text.trim().parse().map_err(|_| Text::new(en, fr))
}

macro_rules! numbers {
    ($($number:ty: $en:literal, $fr:literal;)*) => { $(
        impl Entry for $number {
            fn show(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Result<Self, Text> {
                parsed(text, $en, $fr)
            }
        }
    )* };
}

numbers! {
    u16: "A whole number from 0 to 65535.", "Un nombre entier de 0 à 65535.";
    u32: "A whole number.", "Un nombre entier.";
    Ipv4Addr: "An address, such as 192.168.56.11.", "Une adresse, comme 192.168.56.11.";
}

/// With a point or a comma; read as JSON, whose reader is in the bundle anyway.
impl Entry for f64 {
    fn show(&self) -> String {
        words::number(*self, 3, Lang::En)
    }

    fn read(text: &str) -> Result<Self, Text> {
        let number =
            serde_json::from_str::<Value>(&text.trim().replace(',', ".")).ok().and_then(|value| value.as_f64());
        number.ok_or_else(|| Text::new("A number, such as 0.5.", "Un nombre, comme 0,5."))
    }
}

impl Entry for plan::Network {
    fn show(&self) -> String {
        self.cidr.to_string()
    }

    fn read(text: &str) -> Result<Self, Text> {
        let cidr = parsed(text, "A range, such as 192.168.56.0/24.", "Une plage, comme 192.168.56.0/24.")?;
        Ok(Self { cidr })
    }
}

impl Entry for String {
    fn show(&self) -> String {
        self.clone()
    }

    fn read(text: &str) -> Result<Self, Text> {
        Ok(text.trim().to_owned())
    }
}

/// An empty field is none.
impl<T: Entry> Entry for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, Text> {
        if text.trim().is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

/// A range of ports, `31000-32000`.
impl Entry for (u16, u16) {
    fn show(&self) -> String {
        format!("{}-{}", self.0, self.1)
    }

    fn read(text: &str) -> Result<Self, Text> {
        let wrong = || Text::new("Two ports, such as 31000-32000.", "Deux ports, comme 31000-32000.");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let port = |text: &str| text.trim().parse().map_err(|_| wrong());
        Ok((port(first)?, port(last)?))
    }
}

/// Attributes, `rack=r1, zone=a`.
impl Entry for BTreeMap<String, String> {
    fn show(&self) -> String {
        self.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
    }

    fn read(text: &str) -> Result<Self, Text> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').filter(|(name, _)| !name.trim().is_empty())?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        let mut attributes = Self::new();
        // One by one: `collect` sorts them first, which is a few KB of the bundle.
        for text in pairs {
            let wrong = || Text::new("Pairs such as rack=r1, zone=a.", "Des paires comme rack=r1, zone=a.");
            let (name, value) = pair(text).ok_or_else(wrong)?;
            attributes.insert(name, value);
        }
        Ok(attributes)
    }
}

/// What agents offer, `processors / memory / disk`; empty to let the agent find out.
impl Entry for plan::AgentResources {
    fn show(&self) -> String {
        format!("{} / {} / {}", self.cpus.show(), self.mem_mb, self.disk_mb)
    }

    fn read(text: &str) -> Result<Self, Text> {
        let wrong = || {
            Text::new(
                "Processors / memory / disk, such as 1.5 / 768 / 4096.",
                "Processeurs / mémoire / disque, comme 1.5 / 768 / 4096.",
            )
        };
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let [cpus, mem, disk] = parts[..] else { return Err(wrong()) };
        Ok(Self {
            cpus: f64::read(cpus).map_err(|_| wrong())?,
            mem_mb: mem.parse().map_err(|_| wrong())?,
            disk_mb: disk.parse().map_err(|_| wrong())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<T: Entry + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(T::read(&value.show()), Ok(value));
    }

    #[test]
    fn what_is_shown_is_read_back() {
        comes_back(2181_u16);
        comes_back(0.5_f64);
        comes_back(Some(8081_u16));
        comes_back(None::<u16>);
        comes_back((31000_u16, 32000_u16));
        comes_back(Ipv4Addr::new(127, 1, 2, 3));
        comes_back(plan::real_network().to_string());
        comes_back(BTreeMap::from([("rack".to_owned(), "r1".to_owned()), ("zone".to_owned(), String::new())]));
        comes_back(Some(plan::AgentResources { cpus: 1.5, mem_mb: 768, disk_mb: 4096 }));
    }

    #[test]
    fn what_means_nothing_is_said_in_both_languages() {
        let wrong = [
            u16::read("70000").err(),
            Ipv4Addr::read("127.0.0").err(),
            <(u16, u16)>::read("31000").err(),
            BTreeMap::read("rack").err(),
            BTreeMap::read("=r1").err(),
            plan::AgentResources::read("1 / 2").err(),
            plan::Network::read("192.168.56.0").err(),
        ];
        for text in wrong {
            let Some(text) = text else { panic!("understood what means nothing") };
            assert!(!text.en.is_empty() && !text.fr.is_empty());
        }
    }
}
