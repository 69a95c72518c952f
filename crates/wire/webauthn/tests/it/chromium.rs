//! What Chromium's own virtual authenticator answered to the script of the console: an Ed25519 key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wire_webauthn::{Answer, Expected, Refusal, assertion, registration};

const MADE_CLIENT_DATA: &str = "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiQUFFQ0F3UUZCZ2NJQ1FvTERBME9EdyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6MzcwNTUiLCJjcm9zc09yaWdpbiI6ZmFsc2V9";
const ATTESTATION: &str = "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViBSZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2NFAAAAAQECAwQFBgcIAQIDBAUGBwgAIJaueNqqW-t2FO-N7lZ_Sa_pZsQA8bXSvahwCuuO4ZbVpAEBAycgBiFYIKV4PBKyB7Czg63XUFtFnI9hTMJH0xPLThG4AUbR5ydv";
const CLIENT_DATA: &str = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFFQ0F3UUZCZ2NJQ1FvTERBME9EdyIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6MzcwNTUiLCJjcm9zc09yaWdpbiI6ZmFsc2UsIm90aGVyX2tleXNfY2FuX2JlX2FkZGVkX2hlcmUiOiJkbyBub3QgY29tcGFyZSBjbGllbnREYXRhSlNPTiBhZ2FpbnN0IGEgdGVtcGxhdGUuIFNlZSBodHRwczovL2dvby5nbC95YWJQZXgifQ";
const AUTHENTICATOR_DATA: &str = "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAg";
const SIGNATURE: &str =
    "Q0s7ojWJqboAr_XesHecAKLtgyx60QYLUiVGo3xTORjZn2vi3HZPDhVbG_UKjMM3mJN6ER2R3m-ONUd9hG8QAw";

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

#[test]
fn what_a_browser_makes_and_signs_is_accepted() {
    let challenge: Vec<u8> = (0..16).collect();
    let expected = Expected {
        challenge: &challenge,
        origin: "http://localhost:37055",
        rp_id: "localhost",
        verified: true,
    };
    let made = registration(&bytes(MADE_CLIENT_DATA), &bytes(ATTESTATION), &expected).expect("a passkey");
    let (client_data, data, mut signature) =
        (bytes(CLIENT_DATA), bytes(AUTHENTICATOR_DATA), bytes(SIGNATURE));
    let used = |signature: &[u8]| {
        let answer = Answer { client_data: &client_data, authenticator_data: &data, signature };
        assertion(&answer, &made.key, &expected)
    };
    assert!(used(&signature).is_ok_and(|used| used.verified && used.count > made.count));
    signature[7] ^= 1;
    assert_eq!(used(&signature), Err(Refusal::Signature));
}
