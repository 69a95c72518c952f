use domain::model::ServerTrust;
use engine::servers::{self, ServerInput};
use engine::users::{self, UserInput};
use engine::{Error, eas};

use crate::house::{houses, user};

fn input(name: &str, url: &str) -> ServerInput {
    ServerInput { name: name.into(), url: url.into(), ..ServerInput::default() }
}

#[tokio::test]
async fn a_server_in_use_or_the_default_stays() {
    for house in houses().await {
        let all = &house.acme.all;
        let id = servers::create(&house, all, input("Mail", "mail.acme.test")).await.unwrap();
        assert_eq!(
            servers::get(&house, &house.globex.all, id).err(),
            Some(Error::NotFound("ActiveSync server"))
        );
        assert!(servers::create(&house, &house.globex.all, input("Mail", "mail.globex.test")).await.is_ok());
        let twice = servers::create(&house, all, input("MAIL", "mail.acme.test")).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        house.settings(&house.acme, |s| s.default_server = Some(id)).await;
        let outcome = servers::remove(&house, all, id).await;
        assert!(matches!(&outcome, Err(Error::Conflict(why)) if why.contains("default")), "{outcome:?}");
        house.settings(&house.acme, |s| s.default_server = None).await;
        let assigned = UserInput { server: Some(id), ..user("anna", "acme.test") };
        users::edit(&house, all, house.acme.anna.id, assigned).await.unwrap();
        let outcome = servers::remove(&house, all, id).await;
        assert!(matches!(&outcome, Err(Error::Conflict(why)) if why.contains("1 users")), "{outcome:?}");
        users::edit(&house, all, house.acme.anna.id, user("anna", "acme.test")).await.unwrap();
        servers::remove(&house, all, id).await.unwrap();
        assert_eq!(house.journaled(&house.acme, "server.deleted", id).await, 1);
        let foreign = servers::list(&house, &house.globex.all).unwrap()[0].id;
        let assigned = UserInput { server: Some(foreign), ..user("anna", "acme.test") };
        let outcome = users::edit(&house, all, house.acme.anna.id, assigned).await;
        assert!(matches!(outcome, Err(Error::Invalid(_))), "another organization's does not exist");
        house.finish().await;
    }
}

#[tokio::test]
async fn addresses_are_completed_and_checked() {
    for house in houses().await {
        let all = &house.acme.all;
        let id = servers::create(&house, all, input("Mail", "mail.acme.test")).await.unwrap();
        let url = servers::get(&house, all, id).unwrap().url.clone();
        assert_eq!(url, "https://mail.acme.test/Microsoft-Server-ActiveSync");
        for bad in ["http://mail.acme.test", "ftp://mail", "https://user:secret@mail", "https://", "a b"] {
            let outcome = servers::create(&house, all, input("Other", bad)).await;
            assert!(matches!(outcome, Err(Error::Invalid(_))), "{bad}: {outcome:?}");
        }
        let plain = ServerInput { trust: ServerTrust::Plain, ..input("Plain", "127.0.0.1:8080") };
        assert!(servers::create(&house, all, plain).await.is_ok());
        house.finish().await;
    }
}

#[tokio::test]
async fn learnt_addresses_are_forgotten_when_the_server_moves() {
    for house in houses().await {
        let all = &house.acme.all;
        let id = servers::create(&house, all, input("Mail", "mail.acme.test")).await.unwrap();
        let assigned = UserInput { server: Some(id), ..user("anna", "acme.test") };
        users::edit(&house, all, house.acme.anna.id, assigned).await.unwrap();
        let anna = || users::get(&house, all, house.acme.anna.id).unwrap();
        eas::learn_url(&house, &anna(), id, "https://node7.acme.test/Microsoft-Server-ActiveSync")
            .await
            .unwrap();
        assert!(anna().learnt_url.is_some());
        servers::edit(&house, all, id, ServerInput { hands_off: true, ..input("Mail", "mail.acme.test") })
            .await
            .unwrap();
        assert!(anna().learnt_url.is_some(), "still the same address");
        servers::edit(&house, all, id, input("Mail", "new.acme.test")).await.unwrap();
        assert_eq!(anna().learnt_url, None);
        house.finish().await;
    }
}
