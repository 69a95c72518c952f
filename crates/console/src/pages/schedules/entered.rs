//! A schedule as form data, and back.

use catalog::Liability;
use domain::model::{RoamingMode, ScheduleZone};
use domain::schedule::{Day, Interval, PeakRange};
use door::FormData;
use engine::schedules::{HalfInput, ScheduleInput};
use engine::{Error, FieldIssue};

/// The choice of the form for a zone that is neither the organization's nor the device's.
pub const NAMED: &str = "named";

/// The form of what is stored, or of a new schedule.
pub fn stored(input: &ScheduleInput) -> FormData {
    let zone = match ScheduleZone::from(input.zone.clone()) {
        ScheduleZone::Named(_) => NAMED,
        ScheduleZone::Organization => "organization",
        ScheduleZone::Device => "device",
    };
    let mut pairs = vec![
        ("name".to_owned(), input.name.clone()),
        ("description".to_owned(), input.description.clone()),
        ("zone".to_owned(), zone.to_owned()),
        ("zone_name".to_owned(), if zone == NAMED { input.zone.clone() } else { String::new() }),
    ];
    for (liability, half) in
        [(Liability::Corporate, &input.corporate), (Liability::Individual, &input.individual)]
    {
        let column = liability.key();
        for day in Day::ALL {
            let ranges = half.peak.iter().filter(|range| range.day == day).map(ToString::to_string);
            pairs.push((field(column, day), ranges.collect::<Vec<_>>().join(", ")));
        }
        pairs.extend([
            (format!("{column}.peak_interval"), half.peak_interval.key().to_owned()),
            (format!("{column}.off_peak_interval"), half.off_peak_interval.key().to_owned()),
            (format!("{column}.roaming"), half.roaming.key().to_owned()),
            (format!("{column}.low_battery"), half.low_battery.to_string()),
            (format!("{column}.push_peak"), if half.push_peak { "on" } else { "" }.to_owned()),
            (format!("{column}.push_off_peak"), if half.push_off_peak { "on" } else { "" }.to_owned()),
        ]);
    }
    FormData::new(pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

/// Name of the field of a day; the engine's issues name it alike.
pub fn field(column: &str, day: Day) -> String {
    format!("{column}.peak.{}", day.key())
}

/// Reads the form; what cannot be read is an issue beside its field.
pub fn read(data: &FormData) -> Result<ScheduleInput, Error> {
    let mut issues = Vec::new();
    let zone = match data.text("zone") {
        NAMED => data.text("zone_name").to_owned(),
        other => other.to_owned(),
    };
    let corporate = half(data, Liability::Corporate.key(), &mut issues);
    let individual = half(data, Liability::Individual.key(), &mut issues);
    if !issues.is_empty() {
        return Err(Error::Invalid(issues));
    }
    Ok(ScheduleInput {
        name: data.text("name").to_owned(),
        description: data.text("description").to_owned(),
        zone,
        corporate,
        individual,
    })
}

fn half(data: &FormData, column: &str, issues: &mut Vec<FieldIssue>) -> HalfInput {
    let mut wrong = |field: String, message: String| issues.push(FieldIssue { field, message });
    let mut peak = Vec::new();
    for day in Day::ALL {
        let name = field(column, day);
        match PeakRange::list(day, data.text(&name)) {
            Ok(ranges) => peak.extend(ranges),
            Err(why) => wrong(name, why.message),
        }
    }
    let mut interval = |end: &str| {
        let name = format!("{column}.{end}");
        Interval::from_key(data.text(&name)).unwrap_or_else(|| {
            wrong(name, "Choose one of the list.".into());
            Interval::MANUAL
        })
    };
    let (peak_interval, off_peak_interval) = (interval("peak_interval"), interval("off_peak_interval"));
    let name = format!("{column}.roaming");
    let roaming = RoamingMode::from_key(data.text(&name)).unwrap_or_else(|| {
        wrong(name, "Choose one of the list.".into());
        RoamingMode::default()
    });
    let name = format!("{column}.low_battery");
    let low_battery = data.text(&name).parse().unwrap_or_else(|_| {
        wrong(name, "Enter a whole number from 0 to 90.".into());
        0
    });
    HalfInput {
        peak,
        peak_interval,
        off_peak_interval,
        push_peak: data.ticked(&format!("{column}.push_peak")),
        push_off_peak: data.ticked(&format!("{column}.push_off_peak")),
        roaming,
        low_battery,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back() {
        let mut input = ScheduleInput { name: "Nights".into(), ..ScheduleInput::default() };
        input.zone = "Asia/Tokyo".into();
        input.corporate.push_off_peak = false;
        input.individual.peak = PeakRange::list(Day::Sunday, "22:00-06:00, 07:00-08:15").unwrap_or_default();
        assert_eq!(read(&stored(&input)), Ok(input));
    }

    #[test]
    fn what_cannot_be_read_is_said_beside_its_field() {
        let mut pairs = vec![("corporate.peak.friday".to_owned(), "nine to five".to_owned())];
        pairs.push(("individual.low_battery".into(), "much".into()));
        let Err(Error::Invalid(issues)) = read(&FormData::new(pairs)) else { panic!("it was read") };
        let fields: Vec<_> = issues.iter().map(|issue| issue.field.as_str()).collect();
        assert!(fields.contains(&"corporate.peak.friday") && fields.contains(&"individual.low_battery"));
        assert!(fields.contains(&"corporate.peak_interval"), "{fields:?}");
    }
}
