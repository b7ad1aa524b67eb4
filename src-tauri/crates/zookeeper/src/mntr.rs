//! What `mntr` says: a server's measures, one a line.

use std::{collections::BTreeMap, time::Duration};

use tls::Tls;

use crate::{Error, four_letter_word};

/// A server's measures by name, without the `zk_` before it. Which there are depends on version and mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mntr(BTreeMap<String, String>);

impl Mntr {
    /// Asks a server (`host:port`).
    ///
    /// # Errors
    /// [`Error::NotServing`] if it runs without a majority, and those of [`four_letter_word`].
    pub async fn ask(address: &str, tls: Option<&Tls>, deadline: Duration) -> Result<Self, Error> {
        let answer = four_letter_word(address, tls, "mntr", deadline).await?;
        if answer.contains("not currently serving requests") {
            return Err(Error::NotServing { address: address.into() });
        }
        let said = Self::parse(&answer);
        if said.0.is_empty() { Err(Error::NotUnderstood { address: address.into(), answer }) } else { Ok(said) }
    }

    /// Reads an answer; lines of another form are left out.
    ///
    /// ```
    /// let said = zookeeper::Mntr::parse("zk_server_state\tleader\nzk_znode_count\t5\n");
    /// assert_eq!((said.get("server_state"), said.number("znode_count")), (Some("leader"), Some(5.0)));
    /// ```
    pub fn parse(answer: &str) -> Self {
        let pair = |line: &str| {
            let (name, value) = line.strip_prefix("zk_")?.split_once(char::is_whitespace)?;
            Some((name.to_owned(), value.trim().to_owned()))
        };
        Self(answer.lines().filter_map(pair).collect())
    }

    /// A measure as it came.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A measure that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.parse().ok()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(answer in "(zk_)?[a-z]{0,9}[\t ]?[ -~\n]{0,60}") {
            let _ = Mntr::parse(&answer);
        }
    }
}
