//! Recovery passwords that devices deposit by Settings, at the stand-in and through the gateway.

use engine::devices::recovery_password;
use simulator::eas::{Credentials, Device, Version};
use simulator::wbxml::{Element, el};

use crate::house::{House, connect};

fn deposit(password: &str) -> Element {
    let set = el("Settings:Set").with(el("Settings:Password").text(password));
    el("Settings:DevicePassword").with(set)
}

async fn say(phone: &mut Device, parts: Vec<Element>) -> Element {
    let reply = phone.exchange("Settings", &el("Settings:Settings").with_all(parts)).await.unwrap();
    assert_eq!((reply.http, reply.status()), (200, Some(1)));
    reply.tree.unwrap()
}

async fn kept(house: &House, phone: &Device) -> Option<String> {
    let device = house.known(phone).unwrap();
    let scope = if device.organization == house.acme.organization() { &house.acme } else { &house.beta };
    recovery_password(&house.engine, scope, device.id).await.ok().map(|found| found.text.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_kept_if_the_policy_allows_it_and_denied_otherwise() {
    let house = House::new().await;
    for (number, (scope, local)) in [(&house.acme, false), (&house.beta, true)].into_iter().enumerate() {
        let phone = |version| if local { house.stand_in(1, version) } else { house.phone(1, version) };
        house.change_policy(scope, "strict").await;
        let mut phone = phone(Version::V14_1);
        connect(&mut phone).await;
        let denied = say(&mut phone, vec![deposit("4711")]).await;
        assert_eq!(denied.number_at("DevicePassword/Status"), Some(7), "{number}");
        assert_eq!(kept(&house, &phone).await, None);
        house.change_policy(scope, "low").await;
        connect(&mut phone).await;
        let taken = say(&mut phone, vec![deposit("4711")]).await;
        assert_eq!(taken.number_at("DevicePassword/Status"), Some(1), "{number}");
        assert_eq!(kept(&house, &phone).await.as_deref(), Some("4711"));
        let back = say(&mut phone, vec![deposit("")]).await;
        assert_eq!(back.number_at("DevicePassword/Status"), Some(1));
        assert_eq!(kept(&house, &phone).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_gets_the_rest_and_never_the_password() {
    let house = House::new().await;
    house.change_policy(&house.acme, "low").await;
    let mut phone = house.phone(2, Version::V14_1);
    phone.accept_gzip = true;
    house.mail.script(|s| s.gzip = true);
    connect(&mut phone).await;
    house.mail.clear_seen();
    say(&mut phone, vec![deposit("4711")]).await;
    assert!(house.mail.seen().iter().all(|seen| seen.cmd != "Settings"), "it stays here");
    let information = el("Settings:UserInformation").with(el("Settings:Get"));
    let both = say(&mut phone, vec![information, deposit("4712")]).await;
    assert_eq!(both.number_at("DevicePassword/Status"), Some(1));
    let address = both.text_at("UserInformation/Get/Accounts/Account/EmailAddresses/PrimarySmtpAddress");
    assert_eq!(address, Some("u2@acme.test"));
    assert_eq!(house.mail.seen().iter().filter(|seen| seen.cmd == "Settings").count(), 1);
    assert_eq!(kept(&house, &phone).await.as_deref(), Some("4712"));
    // Nothing is kept that came with a wrong password, although such a request is only forwarded as a rule.
    house.clock.advance(16 * 60_000);
    phone.credentials = Credentials::basic("u2@acme.test", "wrong");
    let root = el("Settings:Settings").with(deposit("4713"));
    assert_eq!(phone.exchange("Settings", &root).await.unwrap().http, 401);
    assert_eq!(kept(&house, &phone).await.as_deref(), Some("4712"));
}
