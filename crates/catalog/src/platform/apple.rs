//! What Apple's User-Agent tells: `Apple-iPhone16C1/2105.236` is model `iPhone16,1` with build `21E236`.
//!
//! In the model, `C` stands for the comma. In the build, the first two digits are the major number of the build,
//! the next two the place of its letter in the alphabet, and the rest its number.

/// The model code in a User-Agent or in DeviceInformation Model: `iPhone16C1` and `iPhone16,1` give `iPhone16,1`.
pub(super) fn model_code(text: &str) -> Option<String> {
    let text = text.strip_prefix("Apple-").unwrap_or(text);
    let text = text.split(['/', ' ']).next()?;
    let family = ["iPhone", "iPad", "iPod"].into_iter().find(|family| text.starts_with(family))?;
    let (major, minor) = text[family.len()..].split_once(['C', ','])?;
    let (major, minor): (u16, u16) = (major.parse().ok()?, minor.parse().ok()?);
    Some(format!("{family}{major},{minor}"))
}

/// The build in a User-Agent: `21E236`.
pub(super) fn build(user_agent: &str) -> Option<String> {
    let (_, code) = user_agent.strip_prefix("Apple-")?.split_once('/')?;
    let (head, number) = code.split_once('.')?;
    let number: u32 = number.split([' ', ';']).next()?.parse().ok()?;
    if head.len() < 3 || head.len() > 4 || !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (major, letter) = head.split_at(head.len() - 2);
    let (major, letter): (u8, u8) = (major.parse().ok()?, letter.parse().ok()?);
    let letter = (1..=26).contains(&letter).then(|| char::from(b'A' + letter - 1))?;
    Some(format!("{major}{letter}{number}"))
}

/// The version that a build belongs to, as far as its major number and letter tell: `21E236` → `17.4`.
///
/// A later point release may hide behind the same letter, so this is the lowest version it can be.
pub(super) fn version_of_build(build: &str) -> Option<String> {
    let at = build.find(|c: char| !c.is_ascii_digit())?;
    let major: u8 = build[..at].parse().ok()?;
    let letter = build[at..].chars().next()?;
    let &(_, version, letters) = BUILDS.iter().find(|(build, _, _)| *build == major)?;
    let place = usize::from(u8::try_from(letter).ok()?.checked_sub(b'A')?);
    let minor = letters.get(place)?;
    Some(if minor.is_empty() { version.to_owned() } else { format!("{version}.{minor}") })
}

/// Major number of the build, version, and the minor version of each letter from A on.
#[rustfmt::skip]
static BUILDS: &[(u8, &str, &[&str])] = &[
    (10, "6", &["0", "1", "1", "1"]),
    (11, "7", &["0", "0.1", "0", "1"]),
    (12, "8", &["0", "1", "1.1", "2", "2", "3", "3", "4"]),
    (13, "9", &["0", "1", "2", "2.1", "3", "3.2", "3.3"]),
    (14, "10", &["0", "1", "2", "2.1", "3", "3.2", "3.3"]),
    (15, "11", &["0", "1", "2", "2.5", "3", "4", "4.1"]),
    (16, "12", &["0", "1", "1.1", "1.3", "2", "3", "4", "5"]),
    (17, "13", &["0", "2", "3", "3.1", "4", "5", "6", "7"]),
    (18, "14", &["0", "2", "3", "4", "5", "6", "7", "8"]),
    (19, "15", &["0", "1", "2", "3", "4", "5", "6", "7"]),
    (20, "16", &["0", "1", "2", "3", "4", "5", "6", "7"]),
    (21, "17", &["0", "1", "2", "3", "4", "5", "6", "7"]),
    (22, "18", &["0", "1", "2", "3", "4", "5", "6", "7"]),
    (23, "26", &["0", "1", "2", "3", "4", "5", "6", "7"]),
];

/// The name on the box, for codes that are known.
pub(super) fn marketing_name(code: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[rustfmt::skip]
static NAMES: &[(&str, &str)] = &[
    ("iPhone8,1", "iPhone 6s"), ("iPhone8,2", "iPhone 6s Plus"), ("iPhone8,4", "iPhone SE"),
    ("iPhone9,1", "iPhone 7"), ("iPhone9,3", "iPhone 7"), ("iPhone9,2", "iPhone 7 Plus"), ("iPhone9,4", "iPhone 7 Plus"),
    ("iPhone10,1", "iPhone 8"), ("iPhone10,4", "iPhone 8"), ("iPhone10,2", "iPhone 8 Plus"), ("iPhone10,5", "iPhone 8 Plus"),
    ("iPhone10,3", "iPhone X"), ("iPhone10,6", "iPhone X"),
    ("iPhone11,2", "iPhone XS"), ("iPhone11,4", "iPhone XS Max"), ("iPhone11,6", "iPhone XS Max"), ("iPhone11,8", "iPhone XR"),
    ("iPhone12,1", "iPhone 11"), ("iPhone12,3", "iPhone 11 Pro"), ("iPhone12,5", "iPhone 11 Pro Max"), ("iPhone12,8", "iPhone SE (2nd generation)"),
    ("iPhone13,1", "iPhone 12 mini"), ("iPhone13,2", "iPhone 12"), ("iPhone13,3", "iPhone 12 Pro"), ("iPhone13,4", "iPhone 12 Pro Max"),
    ("iPhone14,2", "iPhone 13 Pro"), ("iPhone14,3", "iPhone 13 Pro Max"), ("iPhone14,4", "iPhone 13 mini"), ("iPhone14,5", "iPhone 13"),
    ("iPhone14,6", "iPhone SE (3rd generation)"), ("iPhone14,7", "iPhone 14"), ("iPhone14,8", "iPhone 14 Plus"),
    ("iPhone15,2", "iPhone 14 Pro"), ("iPhone15,3", "iPhone 14 Pro Max"), ("iPhone15,4", "iPhone 15"), ("iPhone15,5", "iPhone 15 Plus"),
    ("iPhone16,1", "iPhone 15 Pro"), ("iPhone16,2", "iPhone 15 Pro Max"),
    ("iPhone17,1", "iPhone 16 Pro"), ("iPhone17,2", "iPhone 16 Pro Max"), ("iPhone17,3", "iPhone 16"), ("iPhone17,4", "iPhone 16 Plus"),
    ("iPhone17,5", "iPhone 16e"),
    ("iPhone18,1", "iPhone 17 Pro"), ("iPhone18,2", "iPhone 17 Pro Max"), ("iPhone18,3", "iPhone 17"), ("iPhone18,4", "iPhone Air"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_gives_model_and_build() {
        assert_eq!(model_code("Apple-iPhone16C1/2105.236").as_deref(), Some("iPhone16,1"));
        assert_eq!(model_code("iPad13C4").as_deref(), Some("iPad13,4"));
        assert_eq!(model_code("iPhone"), None);
        assert_eq!(build("Apple-iPhone16C1/2105.236").as_deref(), Some("21E236"));
        assert_eq!(build("Apple-iPhone5C2/1001.403").as_deref(), Some("10A403"));
        assert_eq!(build("Apple-iPhone3C1/902.176").as_deref(), Some("9B176"));
    }

    #[test]
    fn odd_user_agents_give_nothing() {
        for odd in [
            "",
            "Apple-",
            "Apple-iPhone16C1",
            "Apple-iPhone/x.y",
            "Apple-iPhone1C1/2100.1",
            "Apple-iPhone1C1/2199.1",
            "Äpple",
        ] {
            assert_eq!(build(odd), None, "{odd}");
        }
    }

    #[test]
    fn builds_name_their_version() {
        for (build, version) in [
            ("21E236", "17.4"),
            ("19E258", "15.4"),
            ("17D50", "13.3.1"),
            ("22A3354", "18.0"),
            ("23B85", "26.1"),
        ] {
            assert_eq!(version_of_build(build).as_deref(), Some(version), "{build}");
        }
        assert_eq!(version_of_build("99A1"), None);
        assert_eq!(version_of_build("21Z1"), None);
        assert_eq!(version_of_build("21é1"), None);
    }
}
