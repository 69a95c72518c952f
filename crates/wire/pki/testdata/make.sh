#!/bin/sh
# Makes the fixtures of this folder anew with OpenSSL 3: run it here. Keys and certificates are for these tests only.
set -eu
subject() { openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"; }
issue() { openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$2" -days 36500 -extfile leaf.ext -out "$1.pem"; }
printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=clientAuth\nsubjectKeyIdentifier=hash\n' > leaf.ext
openssl genrsa -out ca.key 2048
openssl req -x509 -new -key ca.key -days 36500 -subj "/O=Example/CN=Device CA" -out ca.pem \
  -addext "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign,cRLSign"
openssl genrsa -out device.key 2048
subject device "/CN=device-1" && issue device 0x1001
openssl ecparam -name prime256v1 -genkey -noout -out ec.key
subject ec "/CN=device-2" && issue ec 0x1002
# Another key under the name and number of device-1, for swaps.
openssl genrsa -out twin.key 2048
subject twin "/CN=device-1" && issue twin 0x1001
# A certificate in the manner of Apple's push certificates.
openssl genrsa -out push.key 2048
openssl req -new -key push.key -out push.csr \
  -subj "/UID=com.apple.mgmt.External.6ab1a4f5-2f3c-4b4e-9d0a-1c7f8e2d3b4a/CN=APSP:6ab1a4f5/C=US" && issue push 0x1003

printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Status</key><string>Idle</string><key>UDID</key><string>00008030-001A2B3C4D5E6F70</string></dict></plist>\n' > body.plist
by() { openssl cms -sign -binary -in body.plist -signer "$1.pem" -inkey "$1.key" -outform DER; }
# The shape of Apple's devices: BER, SHA-1, no attributes, detached.
openssl cms -sign -binary -noattr -md sha1 -stream -indef -in body.plist -signer device.pem -inkey device.key -outform DER -out apple.ber
by device > modern.der
by ec > ec.der
openssl cms -sign -binary -md sha512 -keyid -in body.plist -signer device.pem -inkey device.key -outform DER -out key-id.der
openssl cms -sign -binary -md sha384 -noattr -in body.plist -signer device.pem -inkey device.key -outform DER -out no-attributes.der
openssl cms -sign -binary -nodetach -stream -indef -in body.plist -signer device.pem -inkey device.key -outform DER -out attached.ber
openssl smime -sign -binary -in body.plist -signer device.pem -inkey device.key -outform DER -out pkcs7.der
openssl cms -sign -binary -nocerts -in body.plist -signer device.pem -inkey device.key -outform DER -out no-certificate.der
openssl cms -sign -binary -in body.plist -signer device.pem -inkey device.key -signer ec.pem -inkey ec.key -outform DER -out two-signers.der

to() { openssl cms -encrypt -binary -in body.plist -outform DER "$@"; }
to -aes128 -stream -indef -out aes128.ber device.pem
to -aes192 -out aes192.der device.pem
to -aes256 -out aes256.der device.pem
to -des3 -stream -indef -out 3des.ber device.pem
to -provider default -provider legacy -des-cbc -out des.der device.pem
to -aes128 -keyid -out two-recipients.der push.pem device.pem
to -aes256 -out ec-recipient.der ec.pem
to -aes128 -recip device.pem -keyopt rsa_padding_mode:oaep -out oaep.der

printf '[req]\nprompt=no\ndistinguished_name=dn\nattributes=at\n[dn]\nCN=Whoever\n[at]\nchallengePassword=correct horse\n' > req.cnf
openssl req -new -key device.key -config req.cnf -out challenge.pem
openssl req -new -key ec.key -subj "/CN=plain" -out ec-request.pem

openssl pkcs12 -export -in push.pem -inkey push.key -certfile ca.pem -passout pass:geheim -out modern.p12
openssl pkcs12 -export -in push.pem -inkey push.key -passout 'pass:größe' -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out old.p12
openssl pkcs12 -export -legacy -in push.pem -inkey push.key -passout pass:geheim -out rc2.p12
openssl pkcs12 -export -legacy -in push.pem -inkey push.key -passout pass:geheim -certpbe PBE-SHA1-RC2-128 -out rc2-128.p12
openssl pkcs12 -export -in push.pem -inkey push.key -passout pass: -keypbe NONE -certpbe NONE -nomac -out open.p12
openssl pkcs8 -topk8 -in push.key -passout pass:geheim -out push-encrypted.key
openssl rsa -in push.key -traditional -out push-pkcs1.key
openssl ec -in ec.key -out ec-sec1.key
rm -f ./*.csr leaf.ext req.cnf
