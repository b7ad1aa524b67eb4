//! What is wrong with the other end.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError};
use words::{Problem, Text, text};

/// What tokio-rustls says when the other end hangs up in the middle of the handshake.
const HUNG_UP: &str = "tls handshake eof";

/// Why we don't speak with somebody, or somebody does not speak with us.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Its certificate is of an authority that we don't trust.
    #[error("its certificate is of an authority that is not trusted here")]
    UnknownAuthority,
    /// Its certificate is for other names.
    #[error("its certificate is for another name")]
    OtherName,
    /// Its certificate is not valid at this time.
    #[error("its certificate is not valid at this time")]
    OutOfTime,
    /// Its certificate is no good for another reason.
    #[error("its certificate is not accepted: {0}")]
    Certificate(String),
    /// It does not speak TLS there.
    #[error("it does not speak TLS there")]
    NotSpoken,
    /// It refuses our certificate, or that we have none.
    #[error("it wants a certificate of ours that it trusts")]
    WantsOurs,
    /// Both speak TLS, and find no common way.
    #[error("no way to speak TLS together: {0}")]
    NoCommonWay(String),
}

impl Fault {
    /// The fault in an error, however deep it lies.
    pub fn find(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return Self::of(error);
            }
            if let Some(error) = error.downcast_ref::<io::Error>() {
                if error.kind() == io::ErrorKind::UnexpectedEof && error.to_string() == HUNG_UP {
                    return Some(Self::NotSpoken);
                }
                // What an io::Error wraps is not among its sources.
                if let Some(fault) = error.get_ref().and_then(|inner| Self::find(inner)) {
                    return Some(fault);
                }
            }
            next = error.source();
        }
        None
    }

    fn of(error: &rustls::Error) -> Option<Self> {
        use rustls::Error as E;
        match error {
            E::InvalidCertificate(why) => Some(Self::of_certificate(why)),
            E::InvalidMessage(_) | E::InappropriateMessage { .. } => Some(Self::NotSpoken),
            E::AlertReceived(alert) => Some(Self::of_alert(*alert)),
            E::NoCertificatesPresented => Some(Self::WantsOurs),
            E::PeerIncompatible(_) | E::PeerMisbehaved(_) => Some(Self::NoCommonWay(error.to_string())),
            _ => None,
        }
    }

    fn of_certificate(why: &CertificateError) -> Self {
        use CertificateError as C;
        match why {
            // A bad signature: of an authority that was made anew under the same name.
            C::UnknownIssuer | C::BadSignature => Self::UnknownAuthority,
            C::NotValidForName | C::NotValidForNameContext { .. } => Self::OtherName,
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => Self::OutOfTime,
            other => Self::Certificate(other.to_string()),
        }
    }

    fn of_alert(alert: AlertDescription) -> Self {
        use AlertDescription as A;
        match alert {
            A::CertificateRequired
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateUnknown
            | A::CertificateExpired
            | A::CertificateRevoked
            | A::UnknownCA
            | A::NoCertificate
            | A::AccessDenied => Self::WantsOurs,
            other => Self::NoCommonWay(format!("{other:?}")),
        }
    }

    /// The stable id.
    pub fn id(&self) -> &'static str {
        match self {
            Self::UnknownAuthority => "tls-unknown-authority",
            Self::OtherName => "tls-other-name",
            Self::OutOfTime => "tls-out-of-time",
            Self::Certificate(_) => "tls-certificate",
            Self::NotSpoken => "tls-not-spoken",
            Self::WantsOurs => "tls-wants-ours",
            Self::NoCommonWay(_) => "tls-no-common-way",
        }
    }

    /// What is wrong with the server at `address`.
    pub fn what(&self, address: &str) -> Text {
        match self {
            Self::UnknownAuthority => text!(
                "The certificate of {address} is of an authority that is not trusted here.",
                "Le certificat de {address} vient d’une autorité qui n’est pas reconnue ici."
            ),
            Self::OtherName => text!(
                "The certificate of {address} is for another name.",
                "Le certificat de {address} est pour un autre nom."
            ),
            Self::OutOfTime => text!(
                "The certificate of {address} is not valid at this time.",
                "Le certificat de {address} n’est pas valable en ce moment."
            ),
            Self::Certificate(_) => {
                text!("The certificate of {address} is not accepted.", "Le certificat de {address} n’est pas accepté.")
            }
            Self::NotSpoken => text!("Nothing speaks TLS at {address}.", "Rien ne parle TLS à l’adresse {address}."),
            Self::WantsOurs => text!(
                "{address} wants a certificate of ours that it trusts.",
                "{address} exige de nous un certificat qu’il reconnaît."
            ),
            Self::NoCommonWay(_) => text!(
                "{address} and this computer find no common way to speak TLS.",
                "{address} et cet ordinateur ne trouvent pas de façon commune de parler TLS."
            ),
        }
    }

    /// What to do about it.
    pub fn next(&self) -> Text {
        match self {
            Self::UnknownAuthority => text!(
                "Name the file with that authority’s certificate, if it is the right one.",
                "Indiquez le fichier du certificat de cette autorité, si c’est la bonne."
            ),
            Self::OtherName => text!(
                "Call it by a name of its certificate, or have one made for this name or address.",
                "Appelez-le par un nom de son certificat, ou faites-en faire un pour ce nom ou cette adresse."
            ),
            Self::OutOfTime => text!(
                "Renew it, or correct this computer’s clock.",
                "Renouvelez-le, ou mettez l’horloge de cet ordinateur à l’heure."
            ),
            Self::Certificate(_) => text!(
                "Have the server’s certificate made anew: signed by an authority, and not an authority itself.",
                "Faites refaire le certificat du serveur : signé par une autorité, sans en être une lui-même."
            ),
            Self::NotSpoken => text!(
                "Check the port, and whether TLS is on there; or do without TLS.",
                "Vérifiez le port, et si TLS y est activé ; ou renoncez à TLS."
            ),
            Self::WantsOurs => text!(
                "Name the files with our certificate and its key.",
                "Indiquez les fichiers de notre certificat et de sa clé."
            ),
            Self::NoCommonWay(_) => text!("It has to speak TLS 1.2 or 1.3.", "Il doit parler TLS 1.2 ou 1.3."),
        }
    }

    /// As a person meets it, of the server at `address`.
    pub fn problem(&self, address: &str) -> Problem {
        Problem::new(self.id(), self.what(address), self.next()).with_evidence(self.to_string())
    }
}
