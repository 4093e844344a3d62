"""A stand-in for the Entra ID tenant, Microsoft Graph and the world's mail servers, for demos, tests, rehearsals.

It runs as its own process (`manage.py sandbox`, or `python -m identity.sandbox`), binds loopback only and is
spoken to over HTTP and SMTP as one would speak to Microsoft. Nothing in Passport knows that it exists.

A person is walked through the same pages as at Microsoft. Every page works without JavaScript, and its form has
a stable id and stable field names, so that a program can walk them too:

    <form id="login-email">     loginfmt             whose account is it?
    <form id="pick-account">    account=<address>    or account=other
    <form id="login-password">  passwd               any password but "wrong"; action=other for another account
    <form id="login-code">      otc                  the eight digits that were mailed; action=resend|other
    <form id="login-mfa">       mfa=approve|deny
    <form id="consent">         consent=accept|cancel
    <form id="form-post">                            response_mode=form_post waits for its button
    <form id="login-other">     action=other         on the page of a refused account
    <form id="pick-logout">     account=<address>

What tests and rehearsals switch is under /control/ (see control.py), most easily through client.py.

Imports go one way. `tenant` holds what the tenant consists of and knows no HTTP; `entra` and `graph` answer for it as
Microsoft's two hosts would, beside `mailbox_pages`, `invitation_mail` and `control`; `routes` says which address is
whose, and `server` serves them.
"""
