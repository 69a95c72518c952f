//! Names: how users, organizations, domains and hosts may be called, and when two sign-in names mean the same user.

use std::fmt;

/// Longest user name, domain or host name, in characters.
pub const NAME_MAX: usize = 253;

/// A name that was refused, in words that say what to enter instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError(pub String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

/// A user name as a device signs in with it, in lower case.
///
/// ```
/// use domain::names::LoginName;
/// let name: LoginName = "EXAMPLE\\Anna".parse()?;
/// assert_eq!((name.user.as_str(), name.login_domain.as_deref()), ("anna", Some("example")));
/// let name: LoginName = "anna@Example.com".parse()?;
/// assert_eq!((name.user.as_str(), name.mail_domain.as_deref()), ("anna", Some("example.com")));
/// # Ok::<(), domain::names::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginName {
    /// The user part.
    pub user: String,
    /// `DOMAIN` of `DOMAIN\user`.
    pub login_domain: Option<String>,
    /// `domain` of `user@domain`; the last `@` counts.
    pub mail_domain: Option<String>,
}

impl std::str::FromStr for LoginName {
    type Err = NameError;

    /// Reads `DOMAIN\user`, `user@domain`, `DOMAIN\user@domain` or `user`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > NAME_MAX || text.chars().any(char::is_control) {
            return Err(NameError("Enter a user name of 1 to 253 characters.".into()));
        }
        let text = text.to_lowercase();
        let (login_domain, rest) = match text.split_once('\\') {
            Some((domain, rest)) => (Some(domain.to_owned()).filter(|d| !d.is_empty()), rest),
            None => (None, text.as_str()),
        };
        let (user, mail_domain) = match rest.rsplit_once('@') {
            Some((user, domain)) if !domain.is_empty() => (user, Some(domain.to_owned())),
            _ => (rest, None),
        };
        if user.is_empty() || user.contains('\\') {
            return Err(NameError(
                "Enter a user name such as anna, anna@example.com or EXAMPLE\\anna.".into(),
            ));
        }
        Ok(LoginName { user: user.to_owned(), login_domain, mail_domain })
    }
}

impl LoginName {
    /// Whether two names can mean the same user: the user part is equal, and where both name a domain of the same
    /// kind, it is equal too. For comparing the `User` parameter of a request with its credentials.
    pub fn may_be(&self, other: &LoginName) -> bool {
        let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        self.user == other.user
            && agree(&self.login_domain, &other.login_domain)
            && agree(&self.mail_domain, &other.mail_domain)
    }
}

/// First parts of addresses that are ours: no organization may take them as its slug.
pub static RESERVED_SLUGS: &[&str] = &[
    "admin",
    "agent",
    "api",
    "assets",
    "autodiscover",
    "ciscoise",
    "console",
    "dashboard",
    "default",
    "docs",
    "enroll",
    "enrol",
    "google",
    "healthz",
    "help",
    "ise",
    "login",
    "logout",
    "mdm",
    "metrics",
    "microsoft-server-activesync",
    "o",
    "openapi",
    "portal",
    "readyz",
    "root",
    "scep",
    "setup",
    "sign-in",
    "static",
    "status",
    "system",
    "www",
];

/// Checks the slug of an organization: 2 to 32 small letters, digits and hyphens, beginning and ending with a letter
/// or digit, and not reserved.
///
/// # Errors
/// Says what a slug looks like, or that the word is reserved.
pub fn check_slug(slug: &str) -> Result<(), NameError> {
    let fits = (2..=32).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--");
    if !fits {
        return Err(NameError(
            "Use 2 to 32 small letters, digits and single hyphens, such as acme or acme-2.".into(),
        ));
    }
    if RESERVED_SLUGS.contains(&slug) {
        return Err(NameError(format!(
            "\"{slug}\" is used in addresses of the server itself; choose another."
        )));
    }
    Ok(())
}

/// Checks and normalizes a mail domain or a host name: dotted labels of letters, digits and hyphens, in lower case.
/// Names in other scripts are entered in their ASCII form (`xn--…`).
///
/// # Errors
/// Says what a domain looks like.
pub fn domain_name(text: &str) -> Result<String, NameError> {
    let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numbers = text.split('.').all(|l| l.bytes().all(|b| b.is_ascii_digit()));
    if text.len() > NAME_MAX || !text.contains('.') || !text.split('.').all(label) || numbers {
        return Err(NameError("Enter a domain such as example.com.".into()));
    }
    Ok(text)
}

/// Checks and normalizes a login domain (`EXAMPLE` of `EXAMPLE\anna`): 1 to 253 letters, digits, hyphens, dots and
/// underscores, in lower case.
///
/// # Errors
/// Says what a login domain looks like.
pub fn login_domain(text: &str) -> Result<String, NameError> {
    let text = text.trim().to_ascii_lowercase();
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    if text.is_empty() || text.len() > NAME_MAX || !text.bytes().all(good) {
        return Err(NameError("Enter a login domain such as EXAMPLE.".into()));
    }
    Ok(text)
}

/// Checks the user part of a name: 1 to 104 characters, without blanks at the ends and without the characters that
/// separate it from a domain or that no directory allows.
///
/// # Errors
/// Says what a user name looks like.
pub fn check_username(text: &str) -> Result<(), NameError> {
    let odd = |c: char| c.is_control() || r#"\/"[]:;|=,+*?<>@"#.contains(c);
    if text.is_empty() || text.chars().count() > 104 || text.trim() != text || text.chars().any(odd) {
        return Err(NameError(
            "Enter a user name of 1 to 104 characters, without a domain, such as anna.".into(),
        ));
    }
    Ok(())
}

/// Checks and splits a mail address into user part and normalized domain.
///
/// # Errors
/// Says what an address looks like.
pub fn mail_address(text: &str) -> Result<(String, String), NameError> {
    let wrong = || NameError("Enter an address such as anna@example.com.".into());
    let (user, domain) = text.trim().rsplit_once('@').ok_or_else(wrong)?;
    let odd = |c: char| c.is_control() || c.is_whitespace() || "<>\"(),;:\\[]@".contains(c);
    if user.is_empty() || user.len() > 64 || user.chars().any(odd) {
        return Err(wrong());
    }
    Ok((user.to_owned(), domain_name(domain).map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(text: &str) -> LoginName {
        text.parse().expect("a login name")
    }

    #[test]
    fn sign_in_names_come_in_three_forms() {
        let parts = |text| {
            let name = login(text);
            (name.user, name.login_domain, name.mail_domain)
        };
        assert_eq!(parts("Anna"), ("anna".into(), None, None));
        assert_eq!(parts(r"EXAMPLE\Anna"), ("anna".into(), Some("example".into()), None));
        assert_eq!(parts("Anna@Example.COM"), ("anna".into(), None, Some("example.com".into())));
        assert_eq!(parts(r"EX\a@b@c.d"), ("a@b".into(), Some("ex".into()), Some("c.d".into())));
        assert_eq!(parts(r"\anna"), ("anna".into(), None, None));
        for bad in ["", "  ", "@example.com", r"EXAMPLE\", r"a\b\c", "a\0b", &"x".repeat(254)] {
            assert!(bad.parse::<LoginName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn forms_of_the_same_name_agree_and_others_do_not() {
        for (a, b, same) in [
            (r"EXAMPLE\anna", "anna", true),
            ("anna@example.com", "ANNA", true),
            (r"EXAMPLE\anna", "anna@example.com", true),
            (r"EXAMPLE\anna", r"OTHER\anna", false),
            ("anna@example.com", "anna@other.com", false),
            ("anna", "bert", false),
        ] {
            assert_eq!(login(a).may_be(&login(b)), same, "{a} {b}");
            assert_eq!(login(b).may_be(&login(a)), same, "{b} {a}");
        }
    }

    #[test]
    fn slugs_are_small_plain_and_not_reserved() {
        for good in ["acme", "a1", "acme-2", &"x".repeat(32)] {
            assert_eq!(check_slug(good), Ok(()), "{good}");
        }
        for bad in ["", "a", "Acme", "acme_2", "-acme", "acme-", "a--b", "äcme", "a.b", &"x".repeat(33)] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
        for reserved in ["api", "ciscoise", "autodiscover", "microsoft-server-activesync", "mdm", "enroll"] {
            let error = check_slug(reserved).expect_err("reserved");
            assert!(error.0.contains("used in addresses"), "{error}");
        }
    }

    #[test]
    fn domains_are_dotted_and_lower_case() {
        assert_eq!(domain_name(" Mail.Example.COM. "), Ok("mail.example.com".into()));
        assert_eq!(domain_name("xn--bcher-kva.example"), Ok("xn--bcher-kva.example".into()));
        for bad in [
            "",
            "localhost",
            "a..b",
            "-a.b",
            "a_b.c",
            "bücher.example",
            "10.0.0.1",
            "a b.c",
            &"a.".repeat(200),
        ] {
            assert!(domain_name(bad).is_err(), "{bad}");
        }
        assert_eq!(login_domain(" EXAMPLE "), Ok("example".into()));
        assert!(login_domain(r"A\B").is_err());
    }

    #[test]
    fn user_names_and_addresses() {
        for good in ["anna", "anna.b-c", "Änne", "a b"] {
            assert_eq!(check_username(good), Ok(()), "{good}");
        }
        for bad in ["", " a", "a@b", r"a\b", "a/b", "a\n", &"x".repeat(105)] {
            assert!(check_username(bad).is_err(), "{bad:?}");
        }
        assert_eq!(mail_address("Anna@Example.com"), Ok(("Anna".into(), "example.com".into())));
        for bad in ["", "anna", "@example.com", "anna@", "a b@example.com", "a@b@", "anna@localhost"] {
            assert!(mail_address(bad).is_err(), "{bad}");
        }
    }
}
