//! An identity provider (OpenID Connect): signs tokens as it is told, also wrongly, and serves discovery, keys, the token
//! endpoint with PKCE and client authentication, and the claims of a user, over plain HTTP on loopback.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::http::{Answer, Incoming, Wire, percent_decode, serve_connection};

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A key that signs tokens.
pub struct Signer {
    /// Its id in the set.
    pub id: String,
    pair: Pair,
}

impl Signer {
    /// A key on P-256 (ES256).
    ///
    /// # Panics
    /// When none can be made.
    pub fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { id: id.to_owned(), pair: Pair::Ec(pair) }
    }

    /// An RSA key of 2,048 bits (RS256).
    ///
    /// # Panics
    /// When none can be made.
    pub fn rsa(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        Self { id: id.to_owned(), pair: Pair::Rsa(pair) }
    }

    /// The algorithm that it signs by.
    pub fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// The public half as a JSON Web Key.
    pub fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.id, "x": text(&point[1..33]),
                    "y": text(&point[33..65]),
                })
            }
            Pair::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                json!({
                    "kty": "RSA", "use": "sig", "kid": self.id, "alg": "RS256",
                    "n": text(n.big_endian_without_leading_zero()),
                    "e": text(e.big_endian_without_leading_zero()),
                })
            }
        }
    }

    /// The header that its tokens usually have.
    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm(), "kid": self.id, "typ": "JWT" })
    }

    /// A token with the usual header.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header().to_string(), &claims.to_string())
    }

    /// A token of any header and claims, as they are written.
    pub fn sign_with(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", text(header.as_bytes()), text(claims.as_bytes()));
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", text(&signature))
    }

    /// The bare signature.
    ///
    /// # Panics
    /// When nothing can be signed.
    pub fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
        }
    }
}

/// Base64url, as tokens have it.
pub fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key set.
pub fn key_set(signers: &[&Signer]) -> String {
    json!({ "keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>() }).to_string()
}

/// What somebody has granted, until the code is redeemed.
struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
    client_id: String,
}

/// How the provider behaves; tests change it while it runs.
pub struct Behaviour {
    /// Keys; the last one signs, all are published.
    pub signers: Vec<Signer>,
    /// The only client's secret.
    pub secret: String,
    /// Now, seconds since 1970: the times of tokens.
    pub now: i64,
    /// What ID tokens say besides what they must; members here win.
    pub claims: Value,
    /// What the userinfo endpoint says.
    pub userinfo: Value,
    /// Members here win over those of the discovery document.
    pub metadata: Value,
    /// Takes connections and never answers.
    pub silent: bool,
    /// Requests by path.
    pub asked: HashMap<String, usize>,
    grants: HashMap<String, Grant>,
}

/// A running provider; it stops when this is dropped.
pub struct Provider {
    address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
    task: JoinHandle<()>,
}

impl Provider {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(now: i64) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let behaviour = Arc::new(Mutex::new(Behaviour {
            signers: vec![Signer::ec("first")],
            secret: "a client's secret".to_owned(),
            now,
            claims: json!({ "sub": "anna" }),
            userinfo: json!({ "sub": "anna" }),
            metadata: json!({}),
            silent: false,
            asked: HashMap::new(),
            grants: HashMap::new(),
        }));
        let shared = Arc::clone(&behaviour);
        let task = tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move {
                    let handler = |incoming| answer(Arc::clone(&shared), address, incoming);
                    // A broken connection concerns only the client, which knows.
                    let _ = serve_connection(Wire::new(tcp), handler).await;
                });
            }
        });
        Ok(Self { address, behaviour, task })
    }

    /// Its issuer.
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes how it behaves.
    pub fn behave<T>(&self, change: impl FnOnce(&mut Behaviour) -> T) -> T {
        change(&mut self.behaviour.lock())
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.behaviour.lock().asked.get(path).copied().unwrap_or(0)
    }

    /// What a browser does that follows the address of a sign-in: the query that comes back (`code`, `state`, `iss`).
    ///
    /// # Panics
    /// For an address without what a sign-in by code with PKCE must have.
    pub fn authorize(&self, url: &str) -> HashMap<String, String> {
        let (endpoint, query) = url.split_once('?').expect("a query");
        assert_eq!(endpoint, format!("{}/authorize", self.issuer()));
        let asked = pairs(query);
        let of = |name: &str| asked.get(name).cloned().unwrap_or_else(|| panic!("no {name} in {url}"));
        assert_eq!((of("response_type").as_str(), of("code_challenge_method").as_str()), ("code", "S256"));
        assert!(of("scope").split(' ').any(|scope| scope == "openid"));
        let grant = Grant {
            nonce: of("nonce"),
            challenge: of("code_challenge"),
            redirect_uri: of("redirect_uri"),
            client_id: of("client_id"),
        };
        let code = text(&Sha256::digest(format!("{}{}", of("state"), grant.nonce)));
        self.behaviour.lock().grants.insert(code.clone(), grant);
        HashMap::from([
            ("code".to_owned(), code),
            ("state".to_owned(), of("state")),
            ("iss".to_owned(), self.issuer()),
        ])
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The fields of a query or a form.
fn pairs(query: &str) -> HashMap<String, String> {
    let decode = |part: &str| {
        let plain = part.replace('+', " ");
        percent_decode(&plain)
    };
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (decode(k), decode(v))).collect()
}

fn merged(mut into: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(into.as_object_mut().and_then(|members| members.remove(name))),
            value => into[name] = value.clone(),
        }
    }
    into
}

async fn answer(shared: Arc<Mutex<Behaviour>>, address: SocketAddr, incoming: Incoming) -> Answer {
    let path = incoming.target.split('?').next().unwrap_or_default().to_owned();
    let silent = {
        let mut behaviour = shared.lock();
        *behaviour.asked.entry(path.clone()).or_default() += 1;
        behaviour.silent
    };
    if silent {
        std::future::pending::<()>().await;
    }
    let mut behaviour = shared.lock();
    let issuer = format!("http://{address}");
    let body = match path.as_str() {
        "/.well-known/openid-configuration" => Ok(merged(
            json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
                "userinfo_endpoint": format!("{issuer}/userinfo"),
                "end_session_endpoint": format!("{issuer}/end"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
                "authorization_response_iss_parameter_supported": true,
            }),
            &behaviour.metadata,
        )),
        "/keys" => Ok(json!({ "keys": behaviour.signers.iter().map(Signer::jwk).collect::<Vec<_>>() })),
        "/token" => redeem(&mut behaviour, &issuer, &incoming),
        "/userinfo" if incoming.headers.get("authorization") == Some("Bearer an access token") => {
            Ok(behaviour.userinfo.clone())
        }
        _ => Err(404),
    };
    match body {
        Ok(body) => Answer::new(200, body.to_string().into_bytes()).with("Content-Type", "application/json"),
        Err(status) => Answer::new(status, br#"{"error":"invalid_grant"}"#.to_vec()),
    }
}

fn redeem(behaviour: &mut Behaviour, issuer: &str, incoming: &Incoming) -> Result<Value, u16> {
    let form = pairs(&String::from_utf8_lossy(&incoming.body));
    let of = |name: &str| form.get(name).map_or("", String::as_str);
    let grant = behaviour.grants.remove(of("code")).ok_or(400_u16)?;
    let basic = incoming.headers.get("authorization").and_then(|value| value.strip_prefix("Basic "));
    let basic = basic.and_then(|coded| String::from_utf8(STANDARD.decode(coded).ok()?).ok());
    let encoded = |text: &str| text.replace('\'', "%27").replace(' ', "+");
    let by_basic = basic.is_some_and(|sent| {
        sent.replace("%20", "+") == format!("{}:{}", grant.client_id, encoded(&behaviour.secret))
    });
    let by_post = of("client_id") == grant.client_id && of("client_secret") == behaviour.secret;
    if !(by_basic || by_post) {
        return Err(401);
    }
    let proven = text(&Sha256::digest(of("code_verifier"))) == grant.challenge;
    if !proven || of("grant_type") != "authorization_code" || of("redirect_uri") != grant.redirect_uri {
        return Err(400);
    }
    let claims = merged(
        json!({
            "iss": issuer, "aud": grant.client_id, "nonce": grant.nonce, "iat": behaviour.now,
            "exp": behaviour.now + 300,
        }),
        &behaviour.claims,
    );
    let signer = behaviour.signers.last().ok_or(500_u16)?;
    Ok(json!({
        "access_token": "an access token", "token_type": "Bearer", "expires_in": 300,
        "id_token": signer.sign(&claims),
    }))
}
