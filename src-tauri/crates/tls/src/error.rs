//! What can be wrong with our own files.

use std::path::PathBuf;

use words::{Problem, Text, text};

/// What can be wrong with our own certificates and keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("{}: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's words.
        why: String,
    },
    /// A file does not hold what it should, in the form PEM.
    #[error("{}: no {wanted} in the form PEM", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
        /// `certificate`, or `private key without a password`.
        wanted: &'static str,
    },
    /// What a file holds is of no use.
    #[error("{}: {why}", file.display())]
    Unusable {
        /// The file.
        file: PathBuf,
        /// The library's words.
        why: String,
    },
    /// ZooKeeper's certificates are of an authority of one's own: which, has to be said.
    #[error("no file says which authority ZooKeeper’s certificates are of")]
    NoAuthority,
}

impl Error {
    /// The same as a person meets it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreadable { file, why } => {
                let file = file.display();
                let what = text!("{file} could not be read.", "{file} n’a pas pu être lu.");
                Problem::new("tls-file-unreadable", what, look_at_the_file()).with_evidence(why)
            }
            Self::NotPem { file, .. } => {
                let file = file.display();
                Problem::new(
                    "tls-file-not-pem",
                    text!("{file} is not what TLS needs there.", "{file} n’est pas ce qu’il faut ici pour TLS."),
                    Text::new(
                        "It has to be a PEM file, its key without a password. A Java keystore becomes one by “keytool -importkeystore … -deststoretype PKCS12” and then “openssl pkcs12 -nodes”.",
                        "Il faut un fichier PEM, sa clé sans mot de passe. Un magasin de clés Java en devient un par « keytool -importkeystore … -deststoretype PKCS12 » puis « openssl pkcs12 -nodes ».",
                    ),
                )
                .with_evidence(self.to_string())
            }
            Self::Unusable { file, why } => {
                let file = file.display();
                let what = text!("What {file} holds cannot be used.", "Le contenu de {file} est inutilisable.");
                Problem::new("tls-file-unusable", what, look_at_the_file()).with_evidence(why)
            }
            Self::NoAuthority => Problem::new(
                "tls-no-authority",
                text!(
                    "Nothing says whose certificates ZooKeeper’s servers have.",
                    "Rien ne dit de qui sont les certificats des serveurs ZooKeeper."
                ),
                text!(
                    "Name the file with their authority’s certificate.",
                    "Indiquez le fichier qui contient le certificat de leur autorité."
                ),
            ),
        }
    }
}

fn look_at_the_file() -> Text {
    Text::new(
        "Check its path, its rights, and that the certificate and the key belong together.",
        "Vérifiez son chemin, ses droits, et que le certificat et la clé vont ensemble.",
    )
}
