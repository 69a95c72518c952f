use catalog::{CommandKind, Permission};
use domain::model::{Device, RoleRef, WipeKind};
use engine::devices::{self, recovery_password};
use engine::eas::{self, Deposit, deposit_recovery_password};
use engine::policy::{self, SuiteInput};
use engine::{Error, Scope};

use crate::commands::ordered;
use crate::house::{House, Tenant, houses};

const SECRET: &str = " 4711 ü ";

/// Gives an organization a policy by template; only some allow recovery passwords.
async fn policy_of(house: &House, tenant: &Tenant, template: &str) {
    let input = SuiteInput {
        name: template.into(),
        description: String::new(),
        draft: None,
        template: Some(template.into()),
    };
    let suite = policy::create(house, &tenant.all, input).await.unwrap();
    policy::publish(house, &tenant.all, suite, "").await.unwrap();
    policy::assign_default(house, &tenant.all, suite).await.unwrap();
}

async fn deposit(house: &House, device: &Device, password: Option<&str>) -> Deposit {
    deposit_recovery_password(house, &house.device(device.id), password).await.unwrap()
}

async fn read(house: &House, scope: &Scope, device: &Device) -> Result<String, Error> {
    recovery_password(house, scope, device.id).await.map(|found| found.text.to_string())
}

#[tokio::test]
async fn a_recovery_password_is_kept_sealed_and_read_by_those_who_may() {
    for house in houses().await {
        policy_of(&house, &house.acme, "low").await;
        policy_of(&house, &house.globex, "strict").await;
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        let (twin, _) = house.provisioned(&house.globex, "PHONE1").await;
        assert_eq!(deposit(&house, &twin, Some(SECRET)).await, Deposit::DeniedByPolicy);
        assert_eq!(deposit(&house, &phone, Some(SECRET)).await, Deposit::Taken);
        assert_eq!(deposit(&house, &phone, Some(SECRET)).await, Deposit::Taken);
        let event = "device.recovery_password_deposited";
        assert_eq!(house.journaled(&house.acme, event, phone.id).await, 1, "the same again is no news");
        let stored = format!(
            "{}{:?}",
            serde_json::to_string(&*house.device(phone.id)).unwrap(),
            house.device(phone.id)
        );
        assert!(!stored.contains("4711"), "sealed");

        let full = house.administrator(&house.acme, "full", RoleRef::Predefined("full".into())).await;
        assert_eq!(read(&house, &full, &phone).await.unwrap(), SECRET);
        let reading = "device.recovery_password_read";
        assert_eq!(house.journaled(&house.acme, reading, phone.id).await, 1);
        let help = house.administrator(&house.acme, "help", RoleRef::Predefined("help_desk".into())).await;
        assert!(matches!(read(&house, &help, &phone).await, Err(Error::Denied(_))));
        let role = house.role(&house.acme, "Reader", &[Permission::DevicesRecoveryPassword]).await;
        let reader = house.administrator(&house.acme, "reader", role).await;
        assert_eq!(read(&house, &reader, &phone).await.unwrap(), SECRET);
        assert_eq!(house.journaled(&house.acme, reading, phone.id).await, 2, "refusals are not readings");
        let there = house.administrator(&house.globex, "other", RoleRef::Predefined("full".into())).await;
        assert_eq!(read(&house, &there, &phone).await, Err(Error::NotFound("device")));
        assert_eq!(read(&house, &there, &twin).await, Err(Error::NotFound("recovery password")));

        assert_eq!(deposit(&house, &phone, Some("another")).await, Deposit::Taken);
        assert_eq!(read(&house, &full, &phone).await.unwrap(), "another");
        policy_of(&house, &house.acme, "strict").await;
        assert_eq!(deposit(&house, &phone, Some("third")).await, Deposit::DeniedByPolicy);
        assert_eq!(read(&house, &full, &phone).await.unwrap(), "another");
        assert_eq!(deposit(&house, &phone, None).await, Deposit::Taken, "taking it back is always allowed");
        assert_eq!(read(&house, &full, &phone).await, Err(Error::NotFound("recovery password")));
        let journal = house.journal_text(house.acme.id).await;
        assert!(!journal.contains("4711") && !journal.contains("another"));
        house.finish().await;
    }
}

#[tokio::test]
async fn it_goes_with_the_partnership_and_stays_when_records_are_joined() {
    for house in houses().await {
        policy_of(&house, &house.acme, "low").await;
        let all = &house.acme.all;
        let (phone, _) = house.provisioned(&house.acme, "PHONE1").await;
        deposit(&house, &phone, Some(SECRET)).await;
        let entered = devices::NewDevice {
            user: house.acme.anna.id,
            name: "By hand".into(),
            platform: catalog::Platform::Ios,
            liability: None,
            macs: Vec::new(),
            facts: Vec::new().into_iter().collect(),
        };
        let entered = devices::create(&house, all, entered).await.unwrap();
        devices::join(&house, all, entered.id, phone.id).await.unwrap();
        let phone = house.device(entered.id);
        assert_eq!(read(&house, all, &phone).await.unwrap(), SECRET);

        ordered(&house, all, phone.id, CommandKind::ForgetPartnership).await;
        assert_eq!(read(&house, all, &phone).await, Err(Error::NotFound("recovery password")));

        house.provision(phone.id).await;
        deposit(&house, &phone, Some(SECRET)).await;
        ordered(&house, all, phone.id, CommandKind::FullWipe).await;
        assert!(read(&house, all, &phone).await.is_ok(), "until the device has confirmed");
        eas::wipe_sent(&house, &house.device(phone.id)).await.unwrap();
        let device = house.device(phone.id);
        assert!(eas::wipe_acknowledged(&house, &device, WipeKind::Device, 1).await.unwrap());
        assert_eq!(read(&house, all, &phone).await, Err(Error::NotFound("recovery password")));
        house.finish().await;
    }
}
