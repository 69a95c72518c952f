//! Groups: made, filled, moved, copied and removed by their pages.

use domain::model::{GroupId, UserId};
use engine::groups;

use crate::house::{House, Who};

async fn names(house: &House) -> Vec<String> {
    let list = groups::list(&house.engine, &house.scope(Who::Full).await).expect("groups");
    list.iter().map(|(group, _)| group.name.clone()).collect()
}

async fn members(house: &House, group: GroupId) -> Vec<UserId> {
    let scope = house.scope(Who::Full).await;
    let found = groups::members(&house.engine, &scope, group, "", None, 100).expect("members");
    found.iter().map(|user| user.id).collect()
}

#[tokio::test]
async fn a_group_is_made_filled_moved_copied_and_removed() {
    let house = House::build().await;
    let list = "/dashboard/groups";
    let bad = house.post(Who::Full, "/dashboard/groups/add", &[("name", " "), ("note", "kept")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("Enter a name of 1 to 100 characters.") && bad.body.contains("kept"));
    let made = house.post(Who::Full, "/dashboard/groups/add", &[("name", "Board")]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let board: GroupId = made.location.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(names(&house).await, ["Sales", "Board"], "a new one comes last");
    let empty = house.get(Who::Full, &made.location).await;
    assert!(empty.body.contains("Nobody is in this group yet"), "{}", empty.body);
    assert!(empty.body.contains("This group changes nothing for its members yet"));
    let choose = format!("{}/members", made.location);
    let offered = house.get(Who::Full, &choose).await;
    assert!(offered.body.contains(&format!("name=\"id\" value=\"{}\"", house.user)), "{}", offered.body);
    let none = house.post(Who::Full, &choose, &[("action", "add")]).await;
    assert_eq!((none.status, none.location.as_str()), (303, choose.as_str()), "nobody was ticked");
    // Everything that a search found, by its query.
    let found = [("action", "add"), ("everything", "1"), ("query", "q=lena")];
    assert_eq!(house.post(Who::Full, &choose, &found).await.status, 303);
    assert_eq!(members(&house, board).await, [house.user]);
    let shown = house.get(Who::Full, &format!("/dashboard/users/{}", house.user)).await;
    assert!(shown.body.contains(&format!("href=\"/dashboard/groups/{board}\"")), "the user's page says so");
    let up = house.post(Who::Full, &format!("{list}/{board}/move"), &[("place", "1")]).await;
    assert_eq!((up.status, names(&house).await), (303, vec!["Board".to_owned(), "Sales".to_owned()]));
    let copy = [("name", "Board too"), ("with_members", "on")];
    let copied = house.post(Who::Full, &format!("{list}/{board}/copy"), &copy).await;
    let copied: GroupId = copied.location.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(members(&house, copied).await, [house.user]);
    // The form of a user chooses the groups, too.
    let edit = format!("/dashboard/users/{}/edit", house.user);
    let form = house.get(Who::Full, &edit).await;
    assert!(form.body.contains("name=\"groups\""), "{}", form.body);
    let (kept, sales) = (copied.to_string(), house.group.to_string());
    let fields = [("username", "lena"), ("state", "on"), ("groups", &kept), ("groups", &sales)];
    assert_eq!(house.post(Who::Full, &edit, &fields).await.status, 303);
    assert_eq!(
        (members(&house, board).await, members(&house, house.group).await),
        (vec![], vec![house.user])
    );
    let back = [("action", "add"), ("id", &house.user.to_string())];
    assert_eq!(house.post(Who::Full, &choose, &back).await.status, 303);
    let id = house.user.to_string();
    let gone = house.post(Who::Full, &choose, &[("action", "remove"), ("id", &id)]).await;
    assert_eq!((gone.status, members(&house, board).await), (303, Vec::new()));
    let remove = format!("{list}/{copied}/remove");
    let unsure = house.post(Who::Full, &remove, &[("confirm", "board")]).await;
    assert_eq!(unsure.status, 422, "the name is asked for");
    assert_eq!(house.post(Who::Full, &remove, &[("confirm", "Board too")]).await.status, 303);
    assert_eq!(names(&house).await, ["Board", "Sales"]);
    for (who, path) in [(Who::Foreign, format!("{list}/{board}/move")), (Who::Foreign, choose.clone())] {
        assert_eq!(house.post(who, &path, &[("place", "1"), ("id", &id)]).await.status, 404, "{path}");
    }
    assert_eq!(house.post(Who::HelpDesk, &choose, &found).await.status, 403);
}

#[tokio::test]
async fn a_group_has_exceptions_of_its_own() {
    let house = House::build().await;
    let id = house.group.to_string();
    let page = house.get(Who::Full, &format!("/dashboard/groups/{id}")).await;
    let matrix = format!("/dashboard/access-restrictions?level={id}");
    assert!(page.body.contains(&format!("href=\"{matrix}\"")), "{}", page.body);
    assert_eq!(house.get(Who::Full, &matrix).await.status, 200);
    assert_eq!(house.get(Who::Foreign, &matrix).await.status, 404);
    let add = "/dashboard/access-restrictions/exceptions/add";
    let fields = [("subject", id.as_str()), ("kind", "never"), ("until", ""), ("note", "the board travels")];
    let saved = house.post(Who::Full, add, &fields).await;
    assert_eq!((saved.status, saved.location.as_str()), (303, matrix.as_str()), "{}", saved.body);
    let listed = house.get(Who::Full, "/dashboard/exceptions").await;
    assert!(listed.body.contains(&format!("href=\"/dashboard/groups/{id}\"")), "{}", listed.body);
    let scope = house.scope(Who::Full).await;
    let user = house.user;
    groups::change_members(&house.engine, &scope, house.group, &[user], &[]).await.expect("joined");
    let shown = house.get(Who::Full, &format!("/dashboard/users/{user}")).await;
    assert!(shown.body.contains("the setting of the group Sales"), "the user's page says who decides");
}

#[tokio::test]
async fn many_are_assigned_after_the_numbers_were_seen() {
    let house = House::build().await;
    let (device, group) = (house.device.to_string(), house.group.to_string());
    house.phone("Lena’s tablet").await;
    let bulk = "/dashboard/devices/bulk";
    let nobody = house.post(Who::Full, bulk, &[("action", "assign")]).await;
    assert_eq!((nobody.status, nobody.location.as_str()), (303, "/dashboard/devices"));
    let asked = house.post(Who::Full, bulk, &[("action", "assign"), ("id", &device)]).await;
    assert!(asked.body.contains("1 device of 1 user"), "{}", asked.body);
    let assign = "/dashboard/devices/assign";
    let nothing = house.post(Who::Full, assign, &[("id", &device), ("step", "review")]).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("Choose what they get."), "{}", nothing.body);
    let everything =
        [("everything", "1"), ("query", "q=lena"), ("join", group.as_str()), ("device_suite", "none")];
    let review = house.post(Who::Full, assign, &[&everything[..], &[("step", "review")]].concat()).await;
    assert!(review.body.contains("2 devices of 1 user"), "{}", review.body);
    assert!(review.body.contains("changes 1 of 1 user"), "{}", review.body);
    assert!(review.body.contains("changes 0 of 2 devices; 2 have it already"), "{}", review.body);
    assert_eq!(members(&house, house.group).await, [], "nothing is written for the numbers");
    let seen = review.between("name=\"seen\" value=\"", "\"");
    house.phone("Lena’s watch").await;
    let confirm = [&everything[..], &[("step", "assign"), ("seen", &seen)]].concat();
    let again = house.post(Who::Full, assign, &confirm).await;
    assert!(
        again.body.contains("3 devices of 1 user") && again.body.contains("Look once more"),
        "{}",
        again.body
    );
    assert_eq!(members(&house, house.group).await, [], "somebody came in between");
    let seen = again.between("name=\"seen\" value=\"", "\"");
    let confirm = [&everything[..], &[("step", "assign"), ("seen", &seen)]].concat();
    assert_eq!(house.post(Who::Full, assign, &confirm).await.status, 303);
    assert_eq!(members(&house, house.group).await, [house.user]);
    let foreign =
        house.post(Who::Foreign, assign, &[("id", &device), ("step", "review"), ("join", &group)]).await;
    assert_eq!(foreign.status, 422, "neither device nor group exist there");
    let desk =
        house.post(Who::HelpDesk, assign, &[("id", &device), ("step", "review"), ("join", &group)]).await;
    assert!(desk.status == 403 || desk.body.contains("Your role does not include"), "{}", desk.status);
}

#[tokio::test]
async fn another_order_of_groups_is_reviewed_before_it_is_saved() {
    let house = House::build().await;
    let made = house.post(Who::Full, "/dashboard/groups/add", &[("name", "Board")]).await;
    let board: GroupId = made.location.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let scope = house.scope(Who::Full).await;
    for group in [house.group, board] {
        groups::change_members(&house.engine, &scope, group, &[house.user], &[]).await.expect("joined");
    }
    let block = format!("/dashboard/devices/{}/order/block", house.device);
    house.post(Who::Full, &block, &[("note", "stolen")]).await;
    // Members of Sales lose the network by a block, those of Board nothing; Sales comes first.
    let restrictions = "/dashboard/access-restrictions";
    let (sales, none) = (house.group.to_string(), board.to_string());
    let ticked = [("level", sales.as_str()), ("step", "save"), ("blocked_by_hand.1", "on")];
    assert_eq!(house.post(Who::Full, restrictions, &ticked).await.status, 303);
    let nothing = [("level", none.as_str()), ("step", "save")];
    assert_eq!(house.post(Who::Full, restrictions, &nothing).await.status, 303);
    let action = format!("/dashboard/groups/{board}/move");
    let review = house.post(Who::Full, &action, &[("place", "1")]).await;
    assert_eq!(review.status, 200, "{}", review.body);
    assert!(review.body.contains("Gets back") && review.body.contains("name=\"place\""), "{}", review.body);
    assert_eq!(names(&house).await, ["Sales", "Board"], "a review changes nothing");
    let saved = house.post(Who::Full, &action, &[("place", "1"), ("step", "save")]).await;
    assert_eq!((saved.status, names(&house).await), (303, vec!["Board".to_owned(), "Sales".to_owned()]));
}
