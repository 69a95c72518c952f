//! What somebody may have meant: the known name that is the fewest letters away.

/// The nearest of these names, if at most two in five of its letters (at least one) would have to be changed.
pub(super) fn nearest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().take(100).collect();
    known
        .into_iter()
        .map(|name| {
            let letters: Vec<char> = name.to_lowercase().chars().take(100).collect();
            (distance(&wanted, &letters), (letters.len() * 2 / 5).max(1), name)
        })
        .filter(|(distance, most, _)| distance <= most)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, name)| name)
}

/// Letters to insert, remove or replace (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_find_what_was_meant_and_other_words_find_nothing() {
        let known = ["Sales", "Board", "Warehouse north"];
        for (wanted, meant) in [
            ("sale", Some("Sales")),
            ("Bord", Some("Board")),
            ("warehouse North", Some("Warehouse north")),
            ("Wharehouse nort", Some("Warehouse north")),
            ("Kitchen", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, known), meant, "{wanted}");
        }
    }
}
