//! Who may ask.

use std::fmt;

/// Whom the API answers. The password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCredentials {
    user: String,
    password: String,
}

impl HttpCredentials {
    /// Reads `user:password`.
    ///
    /// ```
    /// let credentials = pacer::HttpCredentials::parse("me:a:b").unwrap();
    /// assert!(credentials.are("me", "a:b") && !credentials.are("me", "a") && !credentials.are("you", "a:b"));
    /// assert!(!format!("{credentials:?}").contains("a:b"));
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (user, password) = text.split_once(':')?;
        let good = !user.is_empty() && !password.is_empty();
        good.then(|| Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// Whether somebody gives these. How long that takes does not say how much of the password was right.
    pub fn are(&self, user: &str, password: &str) -> bool {
        let same = |one: &str, other: &str| {
            let differences = one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
            one.len() == other.len() && differences == 0
        };
        same(&self.user, user) & same(&self.password, password)
    }
}

impl fmt::Debug for HttpCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}
