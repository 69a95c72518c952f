//! C15: the device is outside the places where it may be used.

use super::words::{GOOD, broken};
use super::{Check, Rule, RuleId, Test};
use crate::{Facts, Field, Kind, Millis, Params, Severity, Value};

pub(super) static RULE: Rule = Rule {
    id: RuleId::OutsideGeofence,
    number: "C15",
    label: "Outside the geofence",
    help: "The device was last seen outside every place where it may be used.",
    remedy: "Take the device back to where it may be used, and let it say where it is.",
    severity: Severity::Warning,
    fields: &[Field {
        key: "fences",
        label: "Places",
        help: "One a line: latitude, longitude and radius in metres, such as 47.3769, 8.5417, 500. None allows every place.",
        kind: Kind::List { max_items: 100, max_len: 60, item: "place" },
        default: || Value::List(Vec::new()),
    }],
    needs: &["latitude", "longitude"],
    default_targets: &[],
    default_on: false,
    fixed: false,
    test: Test::Code(check),
};

/// Mean radius of the earth, metres.
const EARTH: f64 = 6_371_008.8;

/// A place: degrees north and east, and metres around it.
struct Fence {
    latitude: f64,
    longitude: f64,
    radius: f64,
}

impl Fence {
    /// From a line; `None` for one that is not a place on the earth.
    fn read(line: &str) -> Option<Fence> {
        let mut numbers = line.split(',').map(|part| part.trim().parse::<f64>().ok());
        let mut next = || numbers.next().flatten();
        let fence = Fence { latitude: next()?, longitude: next()?, radius: next()? };
        let fits = fence.latitude.abs() <= 90.0
            && fence.longitude.abs() <= 180.0
            && (1.0..=20_000_000.0).contains(&fence.radius);
        (fits && numbers.next().is_none()).then_some(fence)
    }
    /// Metres from its middle, along the surface.
    fn distance(&self, latitude: f64, longitude: f64) -> f64 {
        let (a, b) = (self.latitude.to_radians(), latitude.to_radians());
        let (north, east) = ((b - a) / 2.0, (longitude - self.longitude).to_radians() / 2.0);
        let h = north.sin().powi(2) + a.cos() * b.cos() * east.sin().powi(2);
        2.0 * EARTH * h.clamp(0.0, 1.0).sqrt().asin()
    }
}

/// The first line of a list of places that is none.
///
/// # Errors
/// The line.
pub fn check_fences(lines: &[String]) -> Result<(), &str> {
    lines.iter().find(|line| Fence::read(line).is_none()).map_or(Ok(()), |line| Err(line))
}

fn check(facts: &Facts, params: &Params, _: Millis) -> Check {
    let list = RULE.param(params, "fences");
    let fences: Vec<Fence> = list.as_list().iter().filter_map(|line| Fence::read(line)).collect();
    if fences.is_empty() {
        return GOOD;
    }
    let degrees = |key| facts.text(key).and_then(|text| text.trim().parse::<f64>().ok());
    let Some(latitude) = degrees("latitude") else { return Check::Unknown { missing: "latitude" } };
    let Some(longitude) = degrees("longitude") else { return Check::Unknown { missing: "longitude" } };
    let nearest = fences.iter().map(|f| f.distance(latitude, longitude) - f.radius).fold(f64::MAX, f64::min);
    if nearest <= 0.0 {
        return GOOD;
    }
    let away = if nearest < 10_000.0 {
        format!("{nearest:.0} metres")
    } else {
        format!("{:.0} kilometres", nearest / 1_000.0)
    };
    broken(format!("The device is {away} outside the nearest place."), &["latitude", "longitude"], None)
}

#[cfg(test)]
mod tests {
    use super::super::words::{detail, known, params};
    use super::*;
    use crate::FactValue as V;

    fn at(latitude: &str, longitude: &str, fences: &[&str]) -> Check {
        let facts =
            known(&[("latitude", V::Text(latitude.into())), ("longitude", V::Text(longitude.into()))]);
        let list = fences.iter().map(|f| (*f).to_owned()).collect();
        check(&facts, &params(&[("fences", Value::List(list))]), 0)
    }

    #[test]
    fn one_place_is_enough_and_the_nearest_one_is_measured() {
        let zurich = "47.3769, 8.5417, 5000";
        assert_eq!(at("47.38", "8.54", &[zurich]), GOOD);
        assert_eq!(at("46.948", "7.447", &[zurich, "46.95, 7.45, 1000"]), GOOD);
        // Bern lies 95 km from Zurich.
        let far = detail(at("46.948", "7.4474", &[zurich]));
        assert_eq!(far, "The device is 90 kilometres outside the nearest place.");
        assert_eq!(at("0.0", "179.999", &["0, -179.999, 500"]), GOOD, "across the date line");
        assert_eq!(at("46.948", "7.4474", &[]), GOOD);
    }

    #[test]
    fn what_is_not_a_place_is_told_and_an_unknown_position_accuses_nobody() {
        assert_eq!(check_fences(&["47, 8, 500".into(), "91, 0, 5".into()]), Err("91, 0, 5"));
        for bad in ["47, 8", "47, 8, 0", "47, 8, 5, 9", "here", "NaN, 8, 5"] {
            assert_eq!(check_fences(&[bad.into()]), Err(bad));
        }
        let list = params(&[("fences", Value::List(vec!["47, 8, 500".into()]))]);
        assert_eq!(check(&known(&[]), &list, 0), Check::Unknown { missing: "latitude" });
        assert_eq!(at("north", "8", &["47, 8, 500"]), Check::Unknown { missing: "latitude" });
    }
}
