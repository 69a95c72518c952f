//! The parameters of a request, from the query and from path segments of the form `key=value&key=value`.

use std::borrow::Cow;

use crate::{body::MAX_VALUES, percent};

/// Pairs beyond this number are not read: every known parameter, and a batch of values.
const MAX_PAIRS: usize = MAX_VALUES + 64;

/// Names are compared without regard to case. Of a name given twice the first counts, except where all are
/// asked for.
#[derive(Default)]
pub(super) struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Params<'a> {
    /// Adds the pairs of `raw`.
    pub fn read(&mut self, raw: &'a str) {
        let room = MAX_PAIRS - self.pairs.len();
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).take(room);
        self.pairs.extend(pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent::form_value(name), percent::form_value(value))
        }));
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a parameter.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_counts_and_names_have_no_case() {
        let mut params = Params::default();
        params.read("Value=a+b&&value=c&flag");
        params.read("value=d%26e");
        assert_eq!(params.get("value"), Some("a b"));
        assert_eq!(params.all("VALUE").collect::<Vec<_>>(), ["a b", "c", "d&e"]);
        assert_eq!(params.get("flag"), Some(""));
        assert_eq!(params.get("absent"), None);
    }

    #[test]
    fn pairs_are_bounded() {
        let many = "v&".repeat(MAX_PAIRS + 10);
        let mut params = Params::default();
        params.read(&many);
        params.read("late=1");
        assert_eq!(params.all("v").count(), MAX_PAIRS);
        assert_eq!(params.get("late"), None);
    }
}
