//! Which of two values is stricter, and what both together ask for.

use std::cmp::Ordering;

use super::{Setting, Stricter};
use crate::Value;

impl Stricter {
    /// Compares two values: `Greater` means that `left` is the stricter one.
    pub fn compare(&self, left: &Value, right: &Value) -> Ordering {
        match self {
            Stricter::True => yes(left).cmp(&yes(right)),
            Stricter::False => yes(right).cmp(&yes(left)),
            // Unset sorts below every number, and it is the weakest.
            Stricter::Larger => left.as_int().cmp(&right.as_int()),
            Stricter::Smaller => match (left.as_int(), right.as_int()) {
                (Some(left), Some(right)) => right.cmp(&left),
                (left, right) => left.is_some().cmp(&right.is_some()),
            },
            Stricter::MoreItems => left.as_list().len().cmp(&right.as_list().len()),
            Stricter::FewerItems => openness(right).cmp(&openness(left)),
            Stricter::Order(order) => place(order, left).cmp(&place(order, right)),
        }
    }
}

fn yes(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

/// How much a list of allowed things leaves open: an empty one leaves everything open.
fn openness(value: &Value) -> usize {
    match value.as_list().len() {
        0 => usize::MAX,
        n => n,
    }
}

fn place(order: &[i64], value: &Value) -> Option<usize> {
    value.as_int().and_then(|n| order.iter().position(|o| *o == n))
}

impl Setting {
    /// The value that satisfies both. Lists of forbidden things are joined; of lists of allowed things only what
    /// both allow remains, or the shorter list when they share nothing (an empty one would allow everything).
    pub fn stricter_of(&self, left: &Value, right: &Value) -> Value {
        if left == right {
            return left.clone();
        }
        let (a, b) = (left.as_list(), right.as_list());
        match self.stricter {
            Stricter::MoreItems => sorted(a.iter().chain(b)),
            Stricter::FewerItems if !a.is_empty() && !b.is_empty() => {
                if a.iter().any(|item| b.contains(item)) {
                    sorted(a.iter().filter(|item| b.contains(item)))
                } else {
                    let shorter = if (a.len(), a) <= (b.len(), b) { a } else { b };
                    sorted(shorter.iter())
                }
            }
            _ => match self.stricter.compare(left, right) {
                Ordering::Less => right.clone(),
                Ordering::Greater => left.clone(),
                // Equally strict but not the same (two kinds of "unset"): any fixed choice will do.
                Ordering::Equal => {
                    if format!("{left:?}") <= format!("{right:?}") { left } else { right }.clone()
                }
            },
        }
    }
}

fn sorted<'a>(items: impl Iterator<Item = &'a String>) -> Value {
    let items: std::collections::BTreeSet<&String> = items.collect();
    Value::List(items.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setting;

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|i| (*i).to_owned()).collect())
    }

    #[test]
    fn unset_is_the_weakest_number() {
        for stricter in [Stricter::Larger, Stricter::Smaller] {
            assert_eq!(stricter.compare(&Value::Unset, &Value::Int(8)), Ordering::Less, "{stricter:?}");
        }
        assert_eq!(Stricter::Smaller.compare(&Value::Int(60), &Value::Int(900)), Ordering::Greater);
        assert_eq!(Stricter::Larger.compare(&Value::Int(8), &Value::Int(6)), Ordering::Greater);
    }

    #[test]
    fn an_order_of_its_own_decides_choices() {
        let age = setting("mail.max_age").expect("exists");
        assert_eq!(age.stricter_of(&Value::Int(0), &Value::Int(5)), Value::Int(5));
        assert_eq!(age.stricter_of(&Value::Int(1), &Value::Int(5)), Value::Int(1));
    }

    #[test]
    fn lists_are_joined_or_cut() {
        let blocked = setting("apps.blocked_built_in").expect("exists");
        assert_eq!(blocked.stricter_of(&list(&["b", "a"]), &list(&["c"])), list(&["a", "b", "c"]));
        let approved = setting("apps.approved").expect("exists");
        assert_eq!(approved.stricter_of(&list(&[]), &list(&["x"])), list(&["x"]));
        assert_eq!(approved.stricter_of(&list(&["x", "y"]), &list(&["z", "y"])), list(&["y"]));
        assert_eq!(approved.stricter_of(&list(&["x", "y"]), &list(&["z"])), list(&["z"]));
    }
}
