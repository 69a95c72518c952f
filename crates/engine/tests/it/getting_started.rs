//! Getting started: steps that show in what is configured, and steps ticked off by hand.

use catalog::{Permission, Step};
use engine::getting_started::{self, StepState};
use engine::{Error, users};

use crate::house::{House, Tenant, houses, user};

fn state(house: &House, tenant: &Tenant, step: Step) -> StepState {
    let all = getting_started::steps(house, &tenant.all).unwrap();
    all.iter().find(|report| report.step == step).unwrap().state
}

#[tokio::test]
async fn steps_follow_what_is_configured_and_can_be_ticked_off() {
    for house in houses().await {
        let (acme, globex) = (&house.acme, &house.globex);
        assert_eq!(state(&house, acme, Step::Organization), StepState::Open);
        house.settings(acme, |settings| settings.contact = "help@acme.test".into()).await;
        assert_eq!(state(&house, acme, Step::Organization), StepState::Done);
        assert_eq!(state(&house, globex, Step::Organization), StepState::Open, "another organization's");

        assert_eq!(state(&house, acme, Step::Devices), StepState::Open);
        users::create(&house, &acme.all, user("zoe", "acme.test")).await.unwrap();
        house.enrol(acme, "PHONE1").await;
        assert_eq!(state(&house, acme, Step::Devices), StepState::Done);

        assert_eq!(state(&house, acme, Step::PolicySuites), StepState::Open);
        getting_started::confirm(&house, &acme.all, Step::PolicySuites, true).await.unwrap();
        assert_eq!(state(&house, acme, Step::PolicySuites), StepState::Confirmed);
        assert_eq!(state(&house, globex, Step::PolicySuites), StepState::Open);
        // Other settings leave it as it is.
        house.settings(acme, |settings| settings.contact = "desk@acme.test".into()).await;
        assert_eq!(state(&house, acme, Step::PolicySuites), StepState::Confirmed);
        getting_started::confirm(&house, &acme.all, Step::PolicySuites, true).await.unwrap();
        assert_eq!(
            house.journaled(acme, "organization.step_confirmed", acme.id).await,
            1,
            "no news, no entry"
        );
        getting_started::confirm(&house, &acme.all, Step::PolicySuites, false).await.unwrap();
        assert_eq!(state(&house, acme, Step::PolicySuites), StepState::Open);

        let refused = getting_started::confirm(&house, &acme.all, Step::Apns, true).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let role = house.role(acme, "Looks", &[Permission::OrganizationView]).await;
        let looker = house.administrator(acme, "looker", role).await;
        assert!(getting_started::steps(&house, &looker).is_ok());
        let refused = getting_started::confirm(&house, &looker, Step::Configuration, true).await;
        assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
        house.finish().await;
    }
}
