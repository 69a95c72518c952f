//! The pages of device connection schedules, without script: every field is a field of a form.

use crate::house::{House, Who};

const LIST: &str = "/dashboard/connection-schedules";

/// The fields of a schedule; `more` replaces some.
fn fields<'a>(name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("name", name),
        ("zone", "organization"),
        ("corporate.peak.monday", "08:00-12:00, 12:00-17:30"),
        ("corporate.peak.friday", "22:00-06:00"),
        ("corporate.peak_interval", "15m"),
        ("corporate.off_peak_interval", "4h"),
        ("corporate.push_peak", "on"),
        ("corporate.roaming", "as_normal"),
        ("corporate.low_battery", "0"),
        ("individual.peak_interval", "1h"),
        ("individual.off_peak_interval", "manual"),
        ("individual.roaming", "manual"),
        ("individual.low_battery", "15"),
    ];
    for (key, value) in more {
        all.retain(|(known, _)| known != key);
        all.push((key, value));
    }
    all
}

#[tokio::test]
async fn a_schedule_is_added_edited_copied_and_deleted() {
    let house = House::build().await;
    let made = house.post(Who::Full, &format!("{LIST}/add"), &fields("Shifts", &[])).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let page = made.location.clone();
    let shown = house.get(Who::Full, &page).await;
    assert!(shown.body.contains(r#"value="08:00-17:30""#), "what touches is one range");
    assert!(shown.body.contains(r#"value="22:00-24:00""#) && shown.body.contains(r#"value="00:00-06:00""#));
    assert!(
        shown.body.contains("The next 48 hours") && shown.body.contains("Friday: peak time 22:00 to 24:00")
    );
    assert!(!shown.body.contains("Short intervals drain batteries"));
    let short = fields("Shifts", &[("corporate.peak_interval", "5m")]);
    assert_eq!(house.post(Who::Full, &page, &short).await.status, 303);
    assert!(house.get(Who::Full, &page).await.body.contains("Short intervals drain batteries"));

    let copied = house.post(Who::Full, &format!("{page}/copy"), &[("name", "Nights")]).await;
    assert_eq!(copied.status, 303);
    let taken = house.post(Who::Full, &format!("{page}/copy"), &[("name", "nights")]).await;
    assert!(taken.status == 422 && taken.body.contains("There is one with this name already."));
    assert_eq!(house.post(Who::Full, &format!("{page}/default"), &[]).await.location, LIST);
    let delete = format!("{page}/delete");
    let refused = house.post(Who::Full, &delete, &[("confirm", "Shift")]).await;
    assert!(refused.status == 422 && refused.body.contains("Nothing was deleted."));
    let refused = house.post(Who::Full, &delete, &[("confirm", "Shifts")]).await;
    assert!(refused.body.contains("Choose the schedule that replaces it."), "{}", refused.body);
    let nights = copied.location.rsplit('/').next().unwrap_or_default().to_owned();
    let gone = house.post(Who::Full, &delete, &[("confirm", "Shifts"), ("replacement", &nights)]).await;
    assert_eq!((gone.status, gone.location.as_str()), (303, LIST));
    let list = house.get(Who::Full, LIST).await;
    assert!(list.body.contains("Nights") && !list.body.contains(">Shifts<"));
    assert_eq!(house.get(Who::Full, &page).await.status, 404);
}

#[tokio::test]
async fn what_makes_no_sense_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let house = House::build().await;
    let page = format!("{LIST}/{}", house.schedule(house.acme));
    for (key, value, says) in [
        ("corporate.peak.monday", "08:00-12:00, 11:00-13:00", "overlaps 08:00-12:00"),
        ("corporate.peak.saturday", "05:00-07:00", "overlaps Friday 22:00-06:00"),
        ("individual.peak.sunday", "nine to five", "is not a range"),
        ("individual.low_battery", "91", "Enter 0 to 90 percent."),
        ("individual.low_battery", "99999999999999999999", "Enter a whole number from 0 to 90."),
        ("corporate.peak_interval", "7m", "Choose one of the list."),
        ("name", " ", "Enter a name of 1 to 100 characters."),
    ] {
        let answer = house.post(Who::Full, &page, &fields("Default", &[(key, value)])).await;
        assert_eq!(answer.status, 422, "{key}");
        let id = key.replace('.', "-");
        assert!(answer.body.contains(&format!("id=\"{id}-err\"")), "{key}: {}", answer.body);
        assert!(answer.body.contains(says), "{key} {value}");
        assert!(answer.body.contains("08:00-12:00"), "what was typed stays");
    }
    let zone = [("zone", "named"), ("zone_name", "Mars/Olympus")];
    let answer = house.post(Who::Full, &page, &fields("Default", &zone)).await;
    assert!(answer.status == 422 && answer.body.contains("id=\"zone_name-err\""), "{}", answer.body);
    assert!(answer.body.contains("is not a time zone"));
    let read_only = house.get(Who::ReadOnly, &page).await;
    assert!(read_only.body.contains("disabled") && !read_only.body.contains("data-week"));
    assert_eq!(house.post(Who::ReadOnly, &page, &fields("Default", &[])).await.status, 403);
    assert_eq!(house.post(Who::Foreign, &page, &fields("Default", &[])).await.status, 404);
}

#[tokio::test]
async fn users_and_devices_are_given_a_schedule_and_the_grid_knows_who_is_overdue() {
    let house = House::build().await;
    let made = house.post(Who::Full, &format!("{LIST}/add"), &fields("Shifts", &[])).await;
    let id = made.location.rsplit('/').next().unwrap_or_default().to_owned();
    let device = format!("/dashboard/devices/{}", house.device);
    let fields = [("name", "Phone"), ("schedule", id.as_str())];
    assert_eq!(house.post(Who::Full, &format!("{device}/edit"), &fields).await.status, 303);
    let shown = house.get(Who::Full, &device).await;
    assert!(shown.body.contains("Connection schedule") && shown.body.contains(">Shifts</a>"));
    let grid = "/dashboard/devices?cols=name,schedule,next_check_in,missed_check_ins";
    let listed = house.get(Who::Full, &format!("{grid}&schedule={id}")).await;
    assert!(listed.body.contains("Shifts") && listed.body.contains(&house.device.to_string()));
    let overdue = house.get(Who::Full, &format!("{grid}&overdue=1")).await;
    assert!(!overdue.body.contains(&house.device.to_string()), "it was heard of a moment ago");
}
