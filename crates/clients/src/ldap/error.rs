//! Why a directory did not do what was asked, in words for whoever set it up.

use wire_ldap::ResultCode;

use crate::outbound::OutboundError;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LdapError {
    /// Name, address or port lead to nobody.
    #[error("{0}.")]
    Unreachable(String),
    /// Whoever answers is not believed, or does not speak TLS there.
    #[error("{0}")]
    Tls(String),
    /// What is set up makes no sense: roots, filter, base.
    #[error("{0}")]
    Setup(String),
    /// It does not answer in time.
    #[error("The server does not answer in time.")]
    Late,
    /// As many ask this server already as may.
    #[error("Too much is being asked of this server right now. Try again in a moment.")]
    Busy,
    /// What it sends is no LDAP, or more than any server has to say.
    #[error("The server does not speak LDAP as it should: {0}.")]
    Nonsense(String),
    /// Name or password are refused.
    #[error("The server refuses the name or the password: {0}.")]
    Bind(String),
    /// There is no such entry.
    #[error("There is no {name} in this directory. {hint}")]
    Missing {
        /// What was looked for.
        name: String,
        /// How far the name does exist.
        hint: String,
    },
    /// It says that somebody else knows.
    #[error(
        "The server sends us to another one for {0}; this is not followed. Enter the server that has it, or for Active \
         Directory the global catalog (port 3269)."
    )]
    Referral(String),
    /// It refuses, in its own words.
    #[error("The server refuses: {0}.")]
    Refused(String),
    /// More entries than may be read at once.
    #[error("There are more than {0} entries. Narrow the filter or choose a folder.")]
    TooMany(usize),
}

impl LdapError {
    /// Whether the directory was reached and answered as it must: what is wrong is something else.
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Bind(_) | Self::Missing { .. } | Self::Referral(_) | Self::Refused(_) | Self::TooMany(_)
        )
    }
}

impl From<OutboundError> for LdapError {
    fn from(error: OutboundError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl From<wire_ldap::Malformed> for LdapError {
    fn from(error: wire_ldap::Malformed) -> Self {
        Self::Nonsense(error.to_string())
    }
}

/// What Active Directory means with `data 52e` in its words (MS-ADTS 5.1.1.1.1; Win32 error codes).
fn active_directory(words: &str) -> Option<&'static str> {
    let code = words.split("data ").nth(1)?.split([',', ' ']).next()?;
    Some(match code {
        "525" => "there is no such account",
        "52e" => "the password is wrong",
        "530" | "531" => "the account may not sign in at this time or from here",
        "532" => "the password has expired",
        "533" => "the account is disabled",
        "701" => "the account has expired",
        "773" => "the password must be changed first",
        "775" => "the account is locked",
        _ => return None,
    })
}

/// An outcome that is no success, in words. `about` is the name that was asked for.
pub(super) fn of_result(code: ResultCode, about: &str, matched: &str, words: &str) -> LdapError {
    outcome(code, about, matched, words, false)
}

/// The same of a bind.
pub(super) fn of_bind(code: ResultCode, about: &str, words: &str) -> LdapError {
    outcome(code, about, "", words, true)
}

fn outcome(code: ResultCode, about: &str, matched: &str, words: &str, is_bind: bool) -> LdapError {
    let said = short(words);
    let shown = if said.is_empty() {
        format!("{} ({})", code.words(), code.0)
    } else {
        format!("{} ({}): {said}", code.words(), code.0)
    };
    match code {
        ResultCode::INVALID_CREDENTIALS => {
            LdapError::Bind(active_directory(words).map_or(shown, str::to_owned))
        }
        // Accounts that are locked, must not sign in this way or at all: servers differ in how they say so.
        ResultCode(19 | 48 | 50 | 53) if is_bind => LdapError::Bind(shown),
        ResultCode::REFERRAL => LdapError::Referral(short(about)),
        ResultCode::NO_SUCH_OBJECT => {
            let hint = match short(matched) {
                matched if matched.is_empty() => "Check the name; browsing shows what there is.".to_owned(),
                matched => format!("What does exist is {matched}."),
            };
            LdapError::Missing { name: short(about), hint }
        }
        ResultCode::INVALID_DN => LdapError::Setup(format!(
            "“{}” is no name of an entry. Write it like ou=People,dc=example,dc=com.",
            short(about)
        )),
        ResultCode::BUSY => LdapError::Busy,
        _ => LdapError::Refused(shown),
    }
}

/// What a server says is shown to administrators: one line of bounded length.
pub(super) fn short(words: &str) -> String {
    domain::mail::Line::from(words.trim_matches('\0')).as_str().trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_active_directory_means_is_said_in_words() {
        let words =
            "80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data 533, v2580\0";
        let error = of_result(ResultCode::INVALID_CREDENTIALS, "", "", words);
        assert_eq!(error, LdapError::Bind("the account is disabled".into()));
        let error = of_result(ResultCode::NO_SUCH_OBJECT, "ou=x,dc=y", "dc=y", "");
        assert_eq!(error.to_string(), "There is no ou=x,dc=y in this directory. What does exist is dc=y.");
        let error = of_result(ResultCode(53), "", "", "no\r\nway");
        assert!(error.to_string().lines().count() == 1, "{error}");
    }
}
