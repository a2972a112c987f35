// An application that signs people in with coreos/go-oidc and golang.org/x/oauth2. It is told what to be as JSON, prints
// where to send the browser, reads where the browser came back to, and prints what it has then.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

type told struct {
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	RedirectURI  string   `json:"redirect_uri"`
	Scopes       []string `json:"scopes"`
}

func say(words map[string]any) {
	if err := json.NewEncoder(os.Stdout).Encode(words); err != nil {
		log.Fatal(err)
	}
}

func main() {
	var app told
	if err := json.Unmarshal([]byte(os.Args[1]), &app); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, app.Issuer)
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     app.ClientID,
		ClientSecret: app.ClientSecret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  app.RedirectURI,
		Scopes:       app.Scopes,
	}
	verifier := oauth2.GenerateVerifier()
	const state, nonce = "the state of this browser", "the nonce of this request"
	say(map[string]any{"url": config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce))})

	reader := bufio.NewScanner(os.Stdin)
	reader.Scan()
	returned, err := url.Parse(reader.Text())
	if err != nil {
		log.Fatal(err)
	}
	query := returned.Query()
	if query.Get("state") != state || query.Get("iss") != app.Issuer {
		log.Fatalf("not what was asked for: %v", query)
	}
	token, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		log.Fatal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: app.ClientID}).Verify(ctx, raw)
	if err != nil {
		log.Fatal(err)
	}
	if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
		log.Fatal(err)
	}
	if idToken.Nonce != nonce {
		log.Fatal(fmt.Errorf("the nonce is %q", idToken.Nonce))
	}
	userinfo, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
	if err != nil {
		log.Fatal(err)
	}
	refreshed, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		log.Fatal(err)
	}
	say(map[string]any{
		"sub":     idToken.Subject,
		"email":   userinfo.Email,
		"proved":  userinfo.EmailVerified,
		"rotated": refreshed.RefreshToken != token.RefreshToken,
	})
}
