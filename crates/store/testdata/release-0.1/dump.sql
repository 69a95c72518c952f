PRAGMA foreign_keys=OFF;
BEGIN;
CREATE TABLE migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
INSERT INTO migration VALUES(0,'0000_foundation','db1d5da9192db4f20f80151ca1a13feb21937499b3a8a7baed812c6741c56e56',1793491200000);
INSERT INTO migration VALUES(1,'0001_product','0dcc139c4a0a84dc57601cccc2e00450ff01e53e088712f5a0afabc1aae115e5',1793491200000);
CREATE TABLE installation (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO installation VALUES('key_check','528f94a428d9ff270d7d094f805dabacbc744a1ca8c0ea254f30515175603b72');
INSERT INTO installation VALUES('journal_heads','2 31463f7e846a3f7754cd96ce3c500bb0d7189dc23fbe28f0be9da525110f43ab');
CREATE TABLE organization_head (
    organization_id  BLOB   NOT NULL PRIMARY KEY,
    change_sequence  INTEGER NOT NULL,
    journal_sequence INTEGER NOT NULL,
    journal_hash     BLOB   NOT NULL,
    mac              BLOB   NOT NULL
) STRICT;
INSERT INTO organization_head VALUES(x'01a19467e80170008000000000000001',13,2,x'c5cd6c2900b6fa23b642305a879c9985b1c110f1b20c3e4ec4ef9fbac7311c2a',x'1c228ed8504d3c435d962a8d0ba5b03c808d9b73a1caffbdf28a04c7545dcaff');
INSERT INTO organization_head VALUES(x'01a19467e80370008000000000000003',13,1,x'd7f9366aca096aaefc4d1d4005a663b5bfe8dba7efefdfd42a2321329ba4afd6',x'8746d244e17143012a7d1bb5d6c3ff9815fabd24bdd49e915dd397925987975f');
CREATE TABLE change (
    organization_id BLOB   NOT NULL,
    sequence        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    origin          BLOB   NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) STRICT;
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',1,1793491200000,'organization','org_01a19467e80170008000000000000001',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',2,1793491200000,'role','rol_01a19467e80570008000000000000005',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',3,1793491200000,'administrator','adm_01a19467e80670008000000000000006',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',4,1793491200000,'token','tok_01a19467e80770008000000000000007',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',5,1793491200000,'session','0101010101010101010101010101010101010101010101010101010101010101',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',6,1793491200000,'server','srv_01a19467e80870008000000000000008',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',7,1793491200000,'suite','pol_01a19467e80970008000000000000009',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',8,1793491200000,'suite','pol_01a19467e80970008000000000000009',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',9,1793491200000,'user','usr_01a19467e80a7000800000000000000a',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',10,1793491200000,'device','dev_01a19467e80c7000800000000000000c',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',11,1793491200000,'access','org_01a19467e80170008000000000000001',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',12,1793491200000,'command','cmd_01a19467e80f7000800000000000000f',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80170008000000000000001',13,1793491200000,'command','cmd_01a19467e81170008000000000000011',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',1,1793491200000,'organization','org_01a19467e80370008000000000000003',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',2,1793491200000,'role','rol_01a19467e81370008000000000000013',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',3,1793491200000,'administrator','adm_01a19467e81470008000000000000014',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',4,1793491200000,'token','tok_01a19467e81570008000000000000015',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',5,1793491200000,'session','0202020202020202020202020202020202020202020202020202020202020202',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',6,1793491200000,'server','srv_01a19467e81670008000000000000016',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',7,1793491200000,'suite','pol_01a19467e81770008000000000000017',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',8,1793491200000,'suite','pol_01a19467e81770008000000000000017',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',9,1793491200000,'user','usr_01a19467e81870008000000000000018',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',10,1793491200000,'device','dev_01a19467e81a7000800000000000001a',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',11,1793491200000,'access','org_01a19467e80370008000000000000003',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',12,1793491200000,'command','cmd_01a19467e81d7000800000000000001d',x'b2ec4c9947ca45bf8035463a940ac156');
INSERT INTO change VALUES(x'01a19467e80370008000000000000003',13,1793491200000,'command','cmd_01a19467e81f7000800000000000001f',x'b2ec4c9947ca45bf8035463a940ac156');
CREATE INDEX change_at ON change (at);
CREATE TABLE journal (
    organization_id BLOB   NOT NULL,
    sequence        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    actor           TEXT    NOT NULL,
    event           TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    body_digest     BLOB   NOT NULL,
    body_salt       BLOB,
    body            TEXT,
    previous_hash   BLOB   NOT NULL,
    hash            BLOB   NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) STRICT;
INSERT INTO journal VALUES(x'01a19467e80370008000000000000003',1,1793491200000,'command line','organization.created','org_01a19467e80370008000000000000003',x'fd7a5bdf37d3edfb8f2cbc9382e3887d2708ce303f27f78bf80e63a7a5e46047',x'2e1598ec38c45bf9ef41f85807107a11','{"name":"ä"}',x'0000000000000000000000000000000000000000000000000000000000000000',x'd7f9366aca096aaefc4d1d4005a663b5bfe8dba7efefdfd42a2321329ba4afd6');
INSERT INTO journal VALUES(x'01a19467e80170008000000000000001',2,1793491201000,'system','user.created','x',x'e967530f16f6875516662936ae5f437073db0cb20ea28b74c5edb281f849797c',x'ade51a9c9cff71d5747923b68910c13f','{"n":1}',x'eb1081b5fb3b39130de0e97484ed5b85d059b9a63a4366b294cd784397283876',x'c5cd6c2900b6fa23b642305a879c9985b1c110f1b20c3e4ec4ef9fbac7311c2a');
CREATE INDEX journal_subject ON journal (organization_id, subject, sequence);
CREATE TABLE journal_checkpoint (
    organization_id BLOB   NOT NULL PRIMARY KEY,
    sequence        INTEGER NOT NULL,
    hash            BLOB   NOT NULL,
    at              INTEGER NOT NULL,
    mac             BLOB   NOT NULL
) STRICT;
INSERT INTO journal_checkpoint VALUES(x'01a19467e80170008000000000000001',1,x'eb1081b5fb3b39130de0e97484ed5b85d059b9a63a4366b294cd784397283876',1793491201000,x'1cc0e7c80f6c509277365542da457244104094d63d42ab7aba84ccec04dcc467');
CREATE TABLE lease (
    name       TEXT    NOT NULL PRIMARY KEY,
    holder     TEXT    NOT NULL,
    held_until INTEGER NOT NULL
) STRICT;
INSERT INTO lease VALUES('sweep','node-1',1794491200000);
CREATE TABLE job (
    organization_id BLOB   NOT NULL,
    id              BLOB   NOT NULL,
    kind            TEXT    NOT NULL,
    dedup_key       TEXT,
    payload         TEXT    NOT NULL,
    run_at          INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    claimed_by      TEXT,
    claimed_until   INTEGER,
    last_error      TEXT,
    created_at      INTEGER NOT NULL,
    failed_at       INTEGER,
    PRIMARY KEY (organization_id, id)
) STRICT;
INSERT INTO job VALUES(x'00000000000000000000000000000000',x'01a19467e82170008000000000000021','sweep','sweep','{"deep":true}',1793491200000,0,NULL,NULL,NULL,1793491200000,NULL);
CREATE INDEX job_due ON job (run_at) WHERE failed_at IS NULL;
CREATE UNIQUE INDEX job_dedup ON job (organization_id, kind, dedup_key)
    WHERE dedup_key IS NOT NULL AND failed_at IS NULL;
CREATE TABLE organization (
    organization_id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    slug TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) STRICT;
INSERT INTO organization VALUES(x'01a19467e80170008000000000000001',1,'acme','{"id":"org_01a19467e80170008000000000000001","rev":1,"slug":"acme","name":"acme „GmbH“ \\ \u0000","enabled":true,"mail_domains":["acme.test","mail.acme.test"],"login_domains":["acme"],"host_names":["mdm.acme.test"],"settings":{"contact":"help@example.test","time_zone":"UTC","default_liability":"corporate","default_suite":"pol_01a19467e80270008000000000000002","default_server":null,"stand_in_hands_off":true,"max_devices_per_user":0,"redirects":{"ios":"https://ios.test"},"storage_grace_ms":14400000,"allow_partial_policy":true,"allow_external_management":false,"allow_non_provisionable":false,"policy_refresh_hours":0,"auth_failure_threshold":5,"auth_failure_minutes":30,"ise_report_retired":false,"ise_page_size":5000},"created_at":1793491200000}');
INSERT INTO organization VALUES(x'01a19467e80370008000000000000003',1,'globex','{"id":"org_01a19467e80370008000000000000003","rev":1,"slug":"globex","name":"globex „GmbH“ \\ \u0000","enabled":true,"mail_domains":["globex.test","mail.globex.test"],"login_domains":["globex"],"host_names":["mdm.globex.test"],"settings":{"contact":"help@example.test","time_zone":"UTC","default_liability":"corporate","default_suite":"pol_01a19467e80470008000000000000004","default_server":null,"stand_in_hands_off":true,"max_devices_per_user":0,"redirects":{"ios":"https://ios.test"},"storage_grace_ms":14400000,"allow_partial_policy":true,"allow_external_management":false,"allow_non_provisionable":false,"policy_refresh_hours":0,"auth_failure_threshold":5,"auth_failure_minutes":30,"ise_report_retired":false,"ise_page_size":5000},"created_at":1793491200000}');
CREATE UNIQUE INDEX organization_slug ON organization (slug);
CREATE TABLE organization_name (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    PRIMARY KEY (kind, name)
) STRICT;
INSERT INTO organization_name VALUES('host_name','mdm.acme.test',x'01a19467e80170008000000000000001');
INSERT INTO organization_name VALUES('login_domain','acme',x'01a19467e80170008000000000000001');
INSERT INTO organization_name VALUES('mail_domain','acme.test',x'01a19467e80170008000000000000001');
INSERT INTO organization_name VALUES('mail_domain','mail.acme.test',x'01a19467e80170008000000000000001');
INSERT INTO organization_name VALUES('host_name','mdm.globex.test',x'01a19467e80370008000000000000003');
INSERT INTO organization_name VALUES('login_domain','globex',x'01a19467e80370008000000000000003');
INSERT INTO organization_name VALUES('mail_domain','globex.test',x'01a19467e80370008000000000000003');
INSERT INTO organization_name VALUES('mail_domain','mail.globex.test',x'01a19467e80370008000000000000003');
CREATE INDEX organization_name_organization ON organization_name (organization_id);
CREATE TABLE installation_counter (
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT;
INSERT INTO installation_counter VALUES('device_number',2);
CREATE TABLE installation_setting (
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (name)
) STRICT;
INSERT INTO installation_setting VALUES('instance',x'009f9296');
CREATE TABLE login_failure (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    failures INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    locked_until INTEGER,
    PRIMARY KEY (kind, subject)
) STRICT;
INSERT INTO login_failure VALUES('account','boss',3,1793491200000,1793491260000);
CREATE TABLE role (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
INSERT INTO role VALUES(x'01a19467e80170008000000000000001',x'01a19467e80570008000000000000005',1,'night','{"organization":"org_01a19467e80170008000000000000001","id":"rol_01a19467e80570008000000000000005","rev":1,"name":"Night","powers":["devices.view","devices.full_wipe"]}');
INSERT INTO role VALUES(x'01a19467e80370008000000000000003',x'01a19467e81370008000000000000013',1,'night','{"organization":"org_01a19467e80370008000000000000003","id":"rol_01a19467e81370008000000000000013","rev":1,"name":"Night","powers":["devices.view","devices.full_wipe"]}');
CREATE UNIQUE INDEX role_name ON role (organization_id, name_lower);
CREATE TABLE administrator (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    username TEXT NOT NULL,
    role_id BLOB,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, role_id) REFERENCES role (organization_id, id)
) STRICT;
INSERT INTO administrator VALUES(x'01a19467e80170008000000000000001',x'01a19467e80670008000000000000006',1,'boss1',x'01a19467e80570008000000000000005','{"organization":"org_01a19467e80170008000000000000001","id":"adm_01a19467e80670008000000000000006","rev":1,"username":"boss1","display_name":"Änne","email":"a@example.test","kind":"organization","role":{"custom":"rol_01a19467e80570008000000000000005"},"ise_admin":true,"ise_full_wipe":false,"allowed_networks":["10.0.0.0/8"],"password_hash":"$argon2id$test","credential_epoch":3,"enabled":true,"must_change_password":true,"second_factor":{"secret":[0,255,7],"confirmed":true,"last_step":7},"recovery_codes":["07"],"created_at":1793491200000,"last_sign_in_at":1793491200001}');
INSERT INTO administrator VALUES(x'01a19467e80370008000000000000003',x'01a19467e81470008000000000000014',1,'boss2',x'01a19467e81370008000000000000013','{"organization":"org_01a19467e80370008000000000000003","id":"adm_01a19467e81470008000000000000014","rev":1,"username":"boss2","display_name":"Änne","email":"a@example.test","kind":"organization","role":{"custom":"rol_01a19467e81370008000000000000013"},"ise_admin":true,"ise_full_wipe":false,"allowed_networks":["10.0.0.0/8"],"password_hash":"$argon2id$test","credential_epoch":3,"enabled":true,"must_change_password":true,"second_factor":{"secret":[0,255,7],"confirmed":true,"last_step":7},"recovery_codes":["07"],"created_at":1793491200000,"last_sign_in_at":1793491200001}');
CREATE UNIQUE INDEX administrator_username ON administrator (username);
CREATE INDEX administrator_role ON administrator (organization_id, role_id);
CREATE TABLE api_token (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    administrator_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, administrator_id) REFERENCES administrator (organization_id, id)
) STRICT;
INSERT INTO api_token VALUES(x'01a19467e80170008000000000000001',x'01a19467e80770008000000000000007',1,x'01a19467e80670008000000000000006',x'0101010101010101010101010101010101010101010101010101010101010101','{"organization":"org_01a19467e80170008000000000000001","id":"tok_01a19467e80770008000000000000007","rev":1,"name":"ticket system","token_hash":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"administrator":"adm_01a19467e80670008000000000000006","powers":["devices.view","devices.edit","devices.trace","devices.block","devices.forget","devices.refresh","devices.account_wipe","devices.full_wipe","devices.wipe_override","devices.export","users.edit","users.password","policy.view","policy.edit","policy.publish","compliance.view","compliance.edit","servers.view","servers.edit","organization.view","organization.edit","administrators.view","administrators.edit","ise.view","ise.edit","journal.view"],"expires_at":1793491201000,"created_at":1793491200000,"seen_at":null}');
INSERT INTO api_token VALUES(x'01a19467e80370008000000000000003',x'01a19467e81570008000000000000015',1,x'01a19467e81470008000000000000014',x'0202020202020202020202020202020202020202020202020202020202020202','{"organization":"org_01a19467e80370008000000000000003","id":"tok_01a19467e81570008000000000000015","rev":1,"name":"ticket system","token_hash":[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2],"administrator":"adm_01a19467e81470008000000000000014","powers":["devices.view","devices.edit","devices.trace","devices.block","devices.forget","devices.refresh","devices.account_wipe","devices.full_wipe","devices.wipe_override","devices.export","users.edit","users.password","policy.view","policy.edit","policy.publish","compliance.view","compliance.edit","servers.view","servers.edit","organization.view","organization.edit","administrators.view","administrators.edit","ise.view","ise.edit","journal.view"],"expires_at":1793491201000,"created_at":1793491200000,"seen_at":null}');
CREATE UNIQUE INDEX api_token_hash ON api_token (token_hash);
CREATE INDEX api_token_administrator ON api_token (organization_id, administrator_id);
CREATE TABLE session (
    organization_id BLOB NOT NULL,
    token_hash BLOB NOT NULL,
    administrator_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, token_hash),
    FOREIGN KEY (organization_id, administrator_id) REFERENCES administrator (organization_id, id)
) STRICT;
INSERT INTO session VALUES(x'01a19467e80170008000000000000001',x'0101010101010101010101010101010101010101010101010101010101010101',x'01a19467e80670008000000000000006',1793491200000,1793491200001,'{"token_hash":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"administrator":"adm_01a19467e80670008000000000000006","home":"org_01a19467e80170008000000000000001","acting_in":null,"credential_epoch":3,"csrf":"form","created_at":1793491200000,"seen_at":1793491200000,"expires_at":1793491200001,"address":"2001:db8::1","user_agent":"Test/1"}');
INSERT INTO session VALUES(x'01a19467e80370008000000000000003',x'0202020202020202020202020202020202020202020202020202020202020202',x'01a19467e81470008000000000000014',1793491200000,1793491200002,'{"token_hash":[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2],"administrator":"adm_01a19467e81470008000000000000014","home":"org_01a19467e80370008000000000000003","acting_in":null,"credential_epoch":3,"csrf":"form","created_at":1793491200000,"seen_at":1793491200000,"expires_at":1793491200002,"address":"2001:db8::1","user_agent":"Test/1"}');
CREATE UNIQUE INDEX session_hash ON session (token_hash);
CREATE INDEX session_administrator ON session (organization_id, administrator_id);
CREATE INDEX session_expiry ON session (organization_id, expires_at);
CREATE TABLE activesync_server (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
INSERT INTO activesync_server VALUES(x'01a19467e80170008000000000000001',x'01a19467e80870008000000000000008',1,'mail','{"organization":"org_01a19467e80170008000000000000001","id":"srv_01a19467e80870008000000000000008","rev":1,"name":"Mail","url":"https://mail.test/Microsoft-Server-ActiveSync","trust":{"roots":"-----BEGIN CERTIFICATE-----\n"},"login_form":"domain_user","login_domain":"ACME","mail_domains":["acme.test"],"use_autodiscover":true,"autodiscover_url":"","redirect_hosts":["*.mail.test"],"hands_off":true,"quarantine":true,"versions":["12.1","16.1"],"block_form":"status129","acknowledge":"external","bearer":true,"max_body":18446744073709551615,"enabled":true}');
INSERT INTO activesync_server VALUES(x'01a19467e80370008000000000000003',x'01a19467e81670008000000000000016',1,'mail','{"organization":"org_01a19467e80370008000000000000003","id":"srv_01a19467e81670008000000000000016","rev":1,"name":"Mail","url":"https://mail.test/Microsoft-Server-ActiveSync","trust":{"roots":"-----BEGIN CERTIFICATE-----\n"},"login_form":"domain_user","login_domain":"ACME","mail_domains":["acme.test"],"use_autodiscover":true,"autodiscover_url":"","redirect_hosts":["*.mail.test"],"hands_off":true,"quarantine":true,"versions":["12.1","16.1"],"block_form":"status129","acknowledge":"external","bearer":true,"max_body":18446744073709551615,"enabled":true}');
CREATE UNIQUE INDEX server_name ON activesync_server (organization_id, name_lower);
CREATE TABLE policy_suite (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    name_lower TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
INSERT INTO policy_suite VALUES(x'01a19467e80170008000000000000001',x'01a19467e80970008000000000000009',2,'all','{"organization":"org_01a19467e80170008000000000000001","id":"pol_01a19467e80970008000000000000009","rev":2,"name":"All","description":"for all","draft":{"corporate":{"list":["a"],"password.minimum_length":4,"unset":null},"individual":{}},"published":{"number":2,"values":{"corporate":{"list":["a"],"password.minimum_length":6,"unset":null},"individual":{}},"published_at":1793491200002,"published_by":"administrator anna","note":"stricter"},"created_at":1793491200000}');
INSERT INTO policy_suite VALUES(x'01a19467e80370008000000000000003',x'01a19467e81770008000000000000017',2,'all','{"organization":"org_01a19467e80370008000000000000003","id":"pol_01a19467e81770008000000000000017","rev":2,"name":"All","description":"for all","draft":{"corporate":{"list":["a"],"password.minimum_length":4,"unset":null},"individual":{}},"published":{"number":2,"values":{"corporate":{"list":["a"],"password.minimum_length":6,"unset":null},"individual":{}},"published_at":1793491200002,"published_by":"administrator anna","note":"stricter"},"created_at":1793491200000}');
CREATE UNIQUE INDEX suite_name ON policy_suite (organization_id, name_lower);
CREATE TABLE policy_revision (
    organization_id BLOB NOT NULL,
    suite_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, suite_id, number),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO policy_revision VALUES(x'01a19467e80170008000000000000001',x'01a19467e80970008000000000000009',1,'{"number":1,"values":{"corporate":{"list":["a"],"password.minimum_length":5,"unset":null},"individual":{}},"published_at":1793491200001,"published_by":"administrator anna","note":"stricter"}');
INSERT INTO policy_revision VALUES(x'01a19467e80170008000000000000001',x'01a19467e80970008000000000000009',2,'{"number":2,"values":{"corporate":{"list":["a"],"password.minimum_length":6,"unset":null},"individual":{}},"published_at":1793491200002,"published_by":"administrator anna","note":"stricter"}');
INSERT INTO policy_revision VALUES(x'01a19467e80370008000000000000003',x'01a19467e81770008000000000000017',1,'{"number":1,"values":{"corporate":{"list":["a"],"password.minimum_length":5,"unset":null},"individual":{}},"published_at":1793491200001,"published_by":"administrator anna","note":"stricter"}');
INSERT INTO policy_revision VALUES(x'01a19467e80370008000000000000003',x'01a19467e81770008000000000000017',2,'{"number":2,"values":{"corporate":{"list":["a"],"password.minimum_length":6,"unset":null},"individual":{}},"published_at":1793491200002,"published_by":"administrator anna","note":"stricter"}');
CREATE TABLE app_user (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    username_lower TEXT NOT NULL,
    server_id BLOB,
    suite_id BLOB,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, server_id) REFERENCES activesync_server (organization_id, id),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id)
) STRICT;
INSERT INTO app_user VALUES(x'01a19467e80170008000000000000001',x'01a19467e80a7000800000000000000a',1,'anna',x'01a19467e80870008000000000000008',x'01a19467e80970008000000000000009','{"organization":"org_01a19467e80170008000000000000001","id":"usr_01a19467e80a7000800000000000000a","rev":1,"username":"Anna","domain":"ACME","email":"anna@acme.test","display_name":"Anna","liability":"individual","server":"srv_01a19467e80870008000000000000008","learnt_url":"https://mail.test/eas","suite":"pol_01a19467e80970008000000000000009","password_hash":"$argon2id$test","credential_epoch":1,"state":"active","hands_off":true,"created_at":1793491200000}');
INSERT INTO app_user VALUES(x'01a19467e80370008000000000000003',x'01a19467e81870008000000000000018',1,'anna',x'01a19467e81670008000000000000016',x'01a19467e81770008000000000000017','{"organization":"org_01a19467e80370008000000000000003","id":"usr_01a19467e81870008000000000000018","rev":1,"username":"Anna","domain":"ACME","email":"anna@acme.test","display_name":"Anna","liability":"individual","server":"srv_01a19467e81670008000000000000016","learnt_url":"https://mail.test/eas","suite":"pol_01a19467e81770008000000000000017","password_hash":"$argon2id$test","credential_epoch":1,"state":"active","hands_off":true,"created_at":1793491200000}');
CREATE UNIQUE INDEX user_username ON app_user (organization_id, username_lower);
CREATE INDEX user_server ON app_user (organization_id, server_id);
CREATE INDEX user_suite ON app_user (organization_id, suite_id);
CREATE TABLE device (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    user_id BLOB NOT NULL,
    suite_id BLOB,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    side_digest BLOB NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id),
    FOREIGN KEY (organization_id, suite_id) REFERENCES policy_suite (organization_id, id)
) STRICT;
INSERT INTO device VALUES(x'01a19467e80170008000000000000001',x'01a19467e80c7000800000000000000c',1,x'01a19467e80a7000800000000000000a',x'01a19467e80970008000000000000009',1,'enrolled',x'114b118fe48312d7efafa2aa18b95f4038155671ba1e8bf15f34cdd5dcdb078d','{"organization":"org_01a19467e80170008000000000000001","id":"dev_01a19467e80c7000800000000000000c","rev":1,"guid":"11112222-3333-4444-8000-000000000001","number":1,"user":"usr_01a19467e80a7000800000000000000a","name":"Anna''s phone","liability":"corporate","platform":"ios","client":"other","state":"enrolled","state_since":1793491200000,"block":{"since":1793491200000,"reason":"lost\u0000","by":"anna"},"suite":"pol_01a19467e80970008000000000000009","macs":["0026B4000001","AABBCCDDEEFF"],"facts":{"os_version":{"v":"17.4","s":{"integration":"nac"},"t":1793491200000},"imei":{"v":"49","s":{"integration":"nac"},"t":1793491200000}},"verdict":{"findings":[{"rule":"no_contact","finding":{"detail":"gone","evidence":["last"],"since":1793491200000},"since":1793491200000,"restricts_at":1793491200005}],"closed":[{"targets":["network_access"],"rules":["no_contact"],"level":{"level":"platform","subject":"ios"},"since":1793491200000}],"next_look":1793491200009,"at":1793491200000},"aliases":["11112222-3333-4444-8000-0000000f4241"],"channels":[{"id":"chn_01a19467e80d7000800000000000000d","kind":"activesync","external_id":"ApplÄ1","eas":{"device_type":"iPhone","user_agent":"","version":"16.1","sent":{"temporary_key":4294967295,"digest":"d","suite":["pol_01a19467e80e7000800000000000000e",3],"at":1793491200000},"applied":null,"refused_at":null,"refused_digest":null,"wipe":{"kind":"account","command":"cmd_01a19467e80b7000800000000000000b","sent_at":null},"refresh_after":null,"backend":{"policy_key":null,"no_policy":false,"url":null,"device_information_sent":false},"last_credential":[1,2,3],"quirk_449":false}}],"created_at":1793491200000,"enrolled_at":1793491200000,"last_contact_at":null}');
INSERT INTO device VALUES(x'01a19467e80370008000000000000003',x'01a19467e81a7000800000000000001a',1,x'01a19467e81870008000000000000018',x'01a19467e81770008000000000000017',2,'enrolled',x'23ba16231f1b7d0f54344281ad6676b553231ab7182013b9b8e39788d408757e','{"organization":"org_01a19467e80370008000000000000003","id":"dev_01a19467e81a7000800000000000001a","rev":1,"guid":"11112222-3333-4444-8000-000000000002","number":2,"user":"usr_01a19467e81870008000000000000018","name":"Anna''s phone","liability":"corporate","platform":"ios","client":"other","state":"enrolled","state_since":1793491200000,"block":{"since":1793491200000,"reason":"lost\u0000","by":"anna"},"suite":"pol_01a19467e81770008000000000000017","macs":["0026B4000002","AABBCCDDEEFF"],"facts":{"os_version":{"v":"17.4","s":{"integration":"nac"},"t":1793491200000},"imei":{"v":"49","s":{"integration":"nac"},"t":1793491200000}},"verdict":{"findings":[{"rule":"no_contact","finding":{"detail":"gone","evidence":["last"],"since":1793491200000},"since":1793491200000,"restricts_at":1793491200005}],"closed":[{"targets":["network_access"],"rules":["no_contact"],"level":{"level":"platform","subject":"ios"},"since":1793491200000}],"next_look":1793491200009,"at":1793491200000},"aliases":["11112222-3333-4444-8000-0000000f4242"],"channels":[{"id":"chn_01a19467e81b7000800000000000001b","kind":"activesync","external_id":"ApplÄ2","eas":{"device_type":"iPhone","user_agent":"","version":"16.1","sent":{"temporary_key":4294967295,"digest":"d","suite":["pol_01a19467e81c7000800000000000001c",3],"at":1793491200000},"applied":null,"refused_at":null,"refused_digest":null,"wipe":{"kind":"account","command":"cmd_01a19467e81970008000000000000019","sent_at":null},"refresh_after":null,"backend":{"policy_key":null,"no_policy":false,"url":null,"device_information_sent":false},"last_credential":[1,2,3],"quirk_449":false}}],"created_at":1793491200000,"enrolled_at":1793491200000,"last_contact_at":null}');
CREATE UNIQUE INDEX device_number ON device (number);
CREATE INDEX device_user ON device (organization_id, user_id);
CREATE INDEX device_suite ON device (organization_id, suite_id);
CREATE TABLE device_guid (
    guid BLOB NOT NULL,
    organization_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    PRIMARY KEY (guid),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO device_guid VALUES(x'11112222333344448000000000000001',x'01a19467e80170008000000000000001',x'01a19467e80c7000800000000000000c');
INSERT INTO device_guid VALUES(x'111122223333444480000000000f4241',x'01a19467e80170008000000000000001',x'01a19467e80c7000800000000000000c');
INSERT INTO device_guid VALUES(x'11112222333344448000000000000002',x'01a19467e80370008000000000000003',x'01a19467e81a7000800000000000001a');
INSERT INTO device_guid VALUES(x'111122223333444480000000000f4242',x'01a19467e80370008000000000000003',x'01a19467e81a7000800000000000001a');
CREATE INDEX device_guid_device ON device_guid (organization_id, device_id);
CREATE TABLE device_mac (
    organization_id BLOB NOT NULL,
    mac TEXT NOT NULL,
    device_id BLOB NOT NULL,
    PRIMARY KEY (organization_id, mac, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO device_mac VALUES(x'01a19467e80170008000000000000001','0026B4000001',x'01a19467e80c7000800000000000000c');
INSERT INTO device_mac VALUES(x'01a19467e80170008000000000000001','AABBCCDDEEFF',x'01a19467e80c7000800000000000000c');
INSERT INTO device_mac VALUES(x'01a19467e80370008000000000000003','0026B4000002',x'01a19467e81a7000800000000000001a');
INSERT INTO device_mac VALUES(x'01a19467e80370008000000000000003','AABBCCDDEEFF',x'01a19467e81a7000800000000000001a');
CREATE INDEX device_mac_device ON device_mac (organization_id, device_id);
CREATE TABLE channel (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    external_id_lower TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id)
) STRICT;
INSERT INTO channel VALUES(x'01a19467e80170008000000000000001',x'01a19467e80d7000800000000000000d',x'01a19467e80c7000800000000000000c',x'01a19467e80a7000800000000000000a','activesync','applä1');
INSERT INTO channel VALUES(x'01a19467e80370008000000000000003',x'01a19467e81b7000800000000000001b',x'01a19467e81a7000800000000000001a',x'01a19467e81870008000000000000018','activesync','applä2');
CREATE UNIQUE INDEX channel_external_id ON channel (organization_id, kind, user_id, external_id_lower);
CREATE INDEX channel_device ON channel (organization_id, device_id);
CREATE INDEX channel_user ON channel (organization_id, user_id);
CREATE TABLE command (
    organization_id BLOB NOT NULL,
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    device_id BLOB NOT NULL,
    destructive INTEGER NOT NULL,
    state TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id)
) STRICT;
INSERT INTO command VALUES(x'01a19467e80170008000000000000001',x'01a19467e80f7000800000000000000f',1,x'01a19467e80c7000800000000000000c',1,'queued',1793491200000,'{"organization":"org_01a19467e80170008000000000000001","id":"cmd_01a19467e80f7000800000000000000f","rev":1,"device":"dev_01a19467e80c7000800000000000000c","kind":"full_wipe","state":"queued","reason":"ordered","next":"the device''s next contact","next_at":null,"ordered_by":{"kind":"ise","id":["adm_01a19467e81070008000000000000010","ise"]},"origin":"ise","note":"lost","ordered_at":1793491200000,"approved_by":{"kind":"command_line"},"sent_at":null,"finished_at":null,"relay_back":["device",2]}');
INSERT INTO command VALUES(x'01a19467e80370008000000000000003',x'01a19467e81d7000800000000000001d',1,x'01a19467e81a7000800000000000001a',1,'queued',1793491200000,'{"organization":"org_01a19467e80370008000000000000003","id":"cmd_01a19467e81d7000800000000000001d","rev":1,"device":"dev_01a19467e81a7000800000000000001a","kind":"full_wipe","state":"queued","reason":"ordered","next":"the device''s next contact","next_at":null,"ordered_by":{"kind":"ise","id":["adm_01a19467e81e7000800000000000001e","ise"]},"origin":"ise","note":"lost","ordered_at":1793491200000,"approved_by":{"kind":"command_line"},"sent_at":null,"finished_at":null,"relay_back":["device",2]}');
CREATE INDEX command_device ON command (organization_id, device_id);
CREATE TABLE command_history (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    id BLOB NOT NULL,
    rev INTEGER NOT NULL,
    device_id BLOB NOT NULL,
    destructive INTEGER NOT NULL,
    state TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id, id)
) STRICT;
INSERT INTO command_history VALUES(x'01a19467e80170008000000000000001',x'01a19467e81170008000000000000011',1,x'01a19467e80c7000800000000000000c',0,'acknowledged',1793491200001,'{"organization":"org_01a19467e80170008000000000000001","id":"cmd_01a19467e81170008000000000000011","rev":1,"device":"dev_01a19467e80c7000800000000000000c","kind":"policy_refresh","state":"acknowledged","reason":"ordered","next":"the device''s next contact","next_at":null,"ordered_by":{"kind":"ise","id":["adm_01a19467e81270008000000000000012","ise"]},"origin":"ise","note":"lost","ordered_at":1793491200001,"approved_by":{"kind":"command_line"},"sent_at":null,"finished_at":null,"relay_back":["device",2]}');
INSERT INTO command_history VALUES(x'01a19467e80370008000000000000003',x'01a19467e81f7000800000000000001f',1,x'01a19467e81a7000800000000000001a',0,'acknowledged',1793491200001,'{"organization":"org_01a19467e80370008000000000000003","id":"cmd_01a19467e81f7000800000000000001f","rev":1,"device":"dev_01a19467e81a7000800000000000001a","kind":"policy_refresh","state":"acknowledged","reason":"ordered","next":"the device''s next contact","next_at":null,"ordered_by":{"kind":"ise","id":["adm_01a19467e82070008000000000000020","ise"]},"origin":"ise","note":"lost","ordered_at":1793491200001,"approved_by":{"kind":"command_line"},"sent_at":null,"finished_at":null,"relay_back":["device",2]}');
CREATE INDEX command_history_device ON command_history (organization_id, device_id, ordered_at);
CREATE INDEX command_history_destructive ON command_history (organization_id, ordered_at) WHERE destructive;
CREATE TABLE access_config (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    rev INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (organization_id)
) STRICT;
INSERT INTO access_config VALUES(x'01a19467e80170008000000000000001',1,'{"organization":"org_01a19467e80170008000000000000001","rev":1,"rules":{"no_contact":{"on":true,"params":{"hours":4},"unknown_is_violation":true,"grace_minutes":60}},"levels":[[{"level":"organization"},{"no_contact":["network_access"]}],[{"level":"platform","subject":"android"},{}],[{"level":"user","subject":"usr_01a19467e80a7000800000000000000a"},{"no_contact":["network_access"]}]],"exceptions":[[{"level":"device","subject":"dev_01a19467e80c7000800000000000000c"},{"kind":"never","expires_at":1793491200000,"note":"board"}]]}');
INSERT INTO access_config VALUES(x'01a19467e80370008000000000000003',1,'{"organization":"org_01a19467e80370008000000000000003","rev":1,"rules":{"no_contact":{"on":true,"params":{"hours":4},"unknown_is_violation":true,"grace_minutes":60}},"levels":[[{"level":"organization"},{"no_contact":["network_access"]}],[{"level":"platform","subject":"android"},{}],[{"level":"user","subject":"usr_01a19467e81870008000000000000018"},{"no_contact":["network_access"]}]],"exceptions":[[{"level":"device","subject":"dev_01a19467e81a7000800000000000001a"},{"kind":"never","expires_at":1793491200000,"note":"board"}]]}');
CREATE TABLE presence (
    organization_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    last_contact_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO presence VALUES(x'01a19467e80170008000000000000001',x'01a19467e80c7000800000000000000c',1793491200001);
INSERT INTO presence VALUES(x'01a19467e80370008000000000000003',x'01a19467e81a7000800000000000001a',1793491200002);
CREATE TABLE exchanges (
    organization_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    doc BLOB NOT NULL,
    PRIMARY KEY (organization_id, device_id),
    FOREIGN KEY (organization_id, device_id) REFERENCES device (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO exchanges VALUES(x'01a19467e80170008000000000000001',x'01a19467e80c7000800000000000000c',x'0100ff');
INSERT INTO exchanges VALUES(x'01a19467e80370008000000000000003',x'01a19467e81a7000800000000000001a',x'0200ff');
CREATE TABLE trace (
    organization_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    last_sequence INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id),
    FOREIGN KEY (organization_id, user_id) REFERENCES app_user (organization_id, id) ON DELETE CASCADE
) STRICT;
INSERT INTO trace VALUES(x'01a19467e80170008000000000000001',x'01a19467e80a7000800000000000000a',1793491200000,1793491260000,'boss',2);
INSERT INTO trace VALUES(x'01a19467e80370008000000000000003',x'01a19467e81870008000000000000018',1793491200000,1793491260000,'boss',2);
CREATE TABLE trace_entry (
    organization_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (organization_id, user_id, sequence),
    FOREIGN KEY (organization_id, user_id) REFERENCES trace (organization_id, user_id) ON DELETE CASCADE
) STRICT;
INSERT INTO trace_entry VALUES(x'01a19467e80170008000000000000001',x'01a19467e80a7000800000000000000a',1,1793491200001,'Sync 200');
INSERT INTO trace_entry VALUES(x'01a19467e80170008000000000000001',x'01a19467e80a7000800000000000000a',2,1793491200002,'Ping');
INSERT INTO trace_entry VALUES(x'01a19467e80370008000000000000003',x'01a19467e81870008000000000000018',1,1793491200001,'Sync 200');
INSERT INTO trace_entry VALUES(x'01a19467e80370008000000000000003',x'01a19467e81870008000000000000018',2,1793491200002,'Ping');
CREATE TABLE ise_call_head (
    organization_id BLOB NOT NULL,
    last_sequence INTEGER NOT NULL,
    PRIMARY KEY (organization_id)
) STRICT;
INSERT INTO ise_call_head VALUES(x'01a19467e80170008000000000000001',1);
INSERT INTO ise_call_head VALUES(x'01a19467e80370008000000000000003',1);
CREATE TABLE ise_call (
    organization_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    status INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (organization_id, sequence)
) STRICT;
INSERT INTO ise_call VALUES(x'01a19467e80170008000000000000001',1,1793491200000,'ise','192.0.2.7','GET','/ciscoise/mdminfo/',200,700,'');
INSERT INTO ise_call VALUES(x'01a19467e80370008000000000000003',1,1793491200000,'ise','192.0.2.7','GET','/ciscoise/mdminfo/',200,700,'');
CREATE TABLE unknown_mac (
    organization_id BLOB NOT NULL REFERENCES organization (organization_id),
    mac TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    PRIMARY KEY (organization_id, mac)
) STRICT;
INSERT INTO unknown_mac VALUES(x'01a19467e80170008000000000000001','0026B424FEB4',1793491200000,1793491200001,2);
INSERT INTO unknown_mac VALUES(x'01a19467e80370008000000000000003','0026B424FEB4',1793491200000,1793491200001,2);
CREATE INDEX unknown_mac_last ON unknown_mac (organization_id, last_at);
COMMIT;
