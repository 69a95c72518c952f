//! Names for the demo's people.

const FIRST: [&str; 40] = [
    "Lena", "Jonas", "Mira", "Tom", "Aisha", "Carlos", "Yuki", "Nora", "Ben", "Sofia", "Emre", "Clara",
    "David", "Ines", "Pavel", "Greta", "Omar", "Julia", "Felix", "Hanna", "Luca", "Maya", "Oskar", "Priya",
    "Ravi", "Sara", "Theo", "Uma", "Viktor", "Wanda", "Anton", "Bianca", "Cem", "Dora", "Elif", "Frida",
    "Gustav", "Helga", "Ivan", "Karin",
];
const LAST: [&str; 20] = [
    "Brandt", "Ortega", "Keller", "Novak", "Haddad", "Silva", "Tanaka", "Larsen", "Weiss", "Rossi", "Yilmaz",
    "Fischer", "Cohen", "Moreau", "Dvorak", "Lindholm", "Farah", "Schubert", "Okafor", "Baker",
];

/// The n-th person: sign-in name and name shown. Different for different n below 800.
pub fn person(n: usize) -> (String, String) {
    let first = FIRST[n % FIRST.len()];
    let last = LAST[(n / FIRST.len() * 7 + n * 3) % LAST.len()];
    let suffix = if n < FIRST.len() { String::new() } else { (n / FIRST.len()).to_string() };
    (format!("{}.{}{suffix}", first.to_lowercase(), last.to_lowercase()), format!("{first} {last}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn sign_in_names_are_different() {
        let names: std::collections::BTreeSet<_> = (0..200).map(|n| super::person(n).0).collect();
        assert_eq!(names.len(), 200);
    }
}
