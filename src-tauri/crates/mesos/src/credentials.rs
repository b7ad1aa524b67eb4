//! Whom we are to Mesos.

use std::fmt;

use reqwest::RequestBuilder;

/// A principal and its secret, for masters and agents that ask for them (HTTP's basic scheme). The secret is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Who we are.
    pub principal: String,
    secret: String,
}

impl Credentials {
    /// A principal with its secret.
    ///
    /// ```
    /// let credentials = mesos::Credentials::new("marathon", "hush");
    /// assert!(!format!("{credentials:?}").contains("hush"));
    /// ```
    pub fn new(principal: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { principal: principal.into(), secret: secret.into() }
    }

    pub(crate) fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.principal, Some(&self.secret))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("principal", &self.principal).finish_non_exhaustive()
    }
}
