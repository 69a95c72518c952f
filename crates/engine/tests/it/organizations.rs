use domain::model::{InstallationSettings, Organization, OrganizationId, RoleRef};
use engine::organizations::{self, NewOrganization, OrganizationEdit};
use engine::{Error, eas, installation, policy, servers, sign_in};

use crate::house::houses;

fn new(slug: &str) -> NewOrganization {
    NewOrganization {
        slug: slug.into(),
        name: "Initech".into(),
        mail_domains: vec![format!("{slug}.example")],
        login_domains: Vec::new(),
        host_names: Vec::new(),
    }
}

#[tokio::test]
async fn names_are_unique_in_the_installation_and_slugs_are_checked() {
    for house in houses().await {
        let system = sign_in::command_line(Organization::SYSTEM);
        for slug in ["a", "Acme", "acme_2", "api", "dashboard", "-acme", &"x".repeat(33)] {
            let outcome = organizations::create(&house, &system, new(slug)).await;
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{slug}: {outcome:?}");
        }
        let taken = organizations::create(&house, &system, new("acme")).await;
        assert_eq!(taken.err(), Some(Error::Conflict("This short name is taken.".into())));
        let names = Error::Conflict("This domain or host name belongs to an organization already.".into());
        for (mail, login, host) in
            [("ACME.test", "", ""), ("initech.test", "acme", ""), ("initech.test", "", "Acme.mdm.test")]
        {
            let list =
                |name: &str| [name].iter().filter(|n| !n.is_empty()).map(ToString::to_string).collect();
            let clash = NewOrganization {
                mail_domains: list(mail),
                login_domains: list(login),
                host_names: list(host),
                ..new("initech")
            };
            assert_eq!(organizations::create(&house, &system, clash).await.err(), Some(names.clone()));
        }
        assert!(house.directory().by_slug("initech").is_none(), "nothing was left behind");
        let initech = organizations::create(&house, &system, new("initech")).await.unwrap();
        let suite = initech.settings.default_suite.unwrap();
        let scope = sign_in::command_line(initech.id);
        assert!(policy::get(&house, &scope, suite).unwrap().published.is_some());
        let made = house.journal(Organization::SYSTEM).await;
        assert!(made.contains(&("organization.created".into(), initech.id.to_string())));
        house.finish().await;
    }
}

#[tokio::test]
async fn granted_names_move_from_one_organization_to_another() {
    for house in houses().await {
        let system = sign_in::command_line(Organization::SYSTEM);
        let grant = |domains: &[&str]| OrganizationEdit {
            mail_domains: Some(domains.iter().map(ToString::to_string).collect()),
            ..OrganizationEdit::default()
        };
        let edit =
            async |id, domains: &[&str]| organizations::edit(&house, &system, id, grant(domains)).await;
        assert!(matches!(
            edit(house.globex.id, &["globex.test", "acme.test"]).await,
            Err(Error::Conflict(_))
        ));
        edit(house.acme.id, &["acme.example"]).await.unwrap();
        assert_eq!(house.directory().by_mail_domain("acme.test"), None);
        edit(house.globex.id, &["globex.test", "acme.test"]).await.unwrap();
        assert_eq!(house.directory().by_mail_domain("ACME.test"), Some(house.globex.id));
        assert_eq!(house.directory().by_mail_domain("acme.example"), Some(house.acme.id));
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let own = organizations::edit(&house, &boss, house.acme.id, grant(&["anything.test"])).await;
        assert!(matches!(own, Err(Error::Denied(_))), "only the installation grants: {own:?}");
        assert_eq!(organizations::list(&house, &boss).len(), 1);
        assert_eq!(organizations::list(&house, &system).len(), 2);
        house.finish().await;
    }
}

#[tokio::test]
async fn settings_name_only_what_is_the_organizations_own_and_published() {
    for house in houses().await {
        let settings = |id| organizations::current(&house, id).unwrap().settings.clone();
        let (acme, globex) = (&house.acme.all, &house.globex.all);
        let mut foreign = settings(acme);
        foreign.default_suite = settings(globex).default_suite;
        foreign.time_zone = "Mars/Olympus".into();
        foreign.ise_page_size = 0;
        let Err(Error::Invalid(issues)) = organizations::edit_settings(&house, acme, foreign).await else {
            panic!("accepted")
        };
        let fields: Vec<_> = issues.iter().map(|i| i.field.as_str()).collect();
        assert_eq!(fields, ["time_zone", "default_suite", "ise_page_size"]);

        let draft = policy::SuiteInput { name: "Draft".into(), ..policy::SuiteInput::default() };
        let draft = policy::create(&house, acme, draft).await.unwrap();
        let mut unpublished = settings(acme);
        unpublished.default_suite = Some(draft);
        let outcome = organizations::edit_settings(&house, acme, unpublished.clone()).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");

        policy::publish(&house, acme, draft, "").await.unwrap();
        let role = house.role(&house.acme, "Office", &[catalog::Permission::OrganizationEdit]).await;
        let office = house.administrator(&house.acme, "office", role).await;
        let denied = organizations::edit_settings(&house, &office, unpublished.clone()).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "another policy for all is a publication");
        let mut contact = settings(acme);
        contact.contact = "help@acme.test".into();
        organizations::edit_settings(&house, &office, contact).await.unwrap();
        organizations::edit_settings(&house, acme, unpublished).await.unwrap();
        assert_eq!(settings(acme).default_suite, Some(draft));
        house.finish().await;
    }
}

#[tokio::test]
async fn an_edit_of_what_somebody_else_changed_is_refused() {
    for house in houses().await {
        let all = &house.acme.all;
        let seen = organizations::current(&house, all).unwrap();
        let settings = seen.settings.clone();
        organizations::edit_settings_seen(&house, all, Some(seen.rev), settings.clone()).await.unwrap();
        let late = organizations::edit_settings_seen(&house, all, Some(seen.rev), settings).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        let none = servers::list(&house, &sign_in::command_line(Organization::SYSTEM));
        assert_eq!(none.err(), Some(Error::NotFound("organization")), "the installation has no servers");
        house.finish().await;
    }
}

#[tokio::test]
async fn bare_names_lead_to_the_default_organization_and_hints_come_first() {
    for house in houses().await {
        let system = sign_in::command_line(Organization::SYSTEM);
        let with = |id: Option<OrganizationId>| InstallationSettings {
            default_organization: id,
            ..InstallationSettings::default()
        };
        let reached = |host: Option<&str>, name: &str| {
            eas::resolve(&house, host, name).map(|login| (login.organization.id, login.user.map(|u| u.id)))
        };
        assert_eq!(reached(None, "anna"), None, "two organizations, and none was chosen");
        let acme = Some((house.acme.id, Some(house.acme.anna.id)));
        let globex = Some((house.globex.id, Some(house.globex.anna.id)));
        for (chosen, wanted) in [(Some(house.acme.id), acme), (Some(house.globex.id), globex), (None, None)] {
            installation::edit_settings(&house, &system, None, with(chosen)).await.unwrap();
            assert_eq!(reached(None, "anna"), wanted);
            assert_eq!(reached(Some("mail.nobody.test"), "anna"), wanted);
            assert_eq!(reached(Some("acme.mdm.test"), "anna"), acme, "the host name says more");
            assert_eq!(reached(None, "GLOBEX\\anna"), globex, "and so does a domain");
            assert_eq!(reached(None, "anna@nobody.test"), None, "a domain of nobody's is no bare name");
            let anew = crate::house::open(house.database(), &house.clock).await;
            let stored = eas::resolve(&anew, None, "anna").map(|login| login.organization.id);
            assert_eq!(stored, wanted.map(|(id, _)| id), "also after a start");
        }
        let boss = house.administrator(&house.acme, "boss", RoleRef::Predefined("full".into())).await;
        let own = installation::edit_settings(&house, &boss, None, with(Some(house.acme.id))).await;
        assert!(matches!(own, Err(Error::Denied(_))), "{own:?}");
        assert!(matches!(installation::settings(&house, &boss), Err(Error::Denied(_))));
        let nowhere = house.entropy().id(1);
        let outcome = installation::edit_settings(&house, &system, None, with(Some(nowhere))).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
        let late = installation::edit_settings(&house, &system, Some(1), with(None)).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        let told = house.journal(Organization::SYSTEM).await;
        let times = told.iter().filter(|(event, _)| event == "installation.settings_changed").count();
        assert_eq!(times, 3);
        house.finish().await;
    }
}
