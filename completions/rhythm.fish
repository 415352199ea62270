# Tab for rhythm-token, rhythm-get and rhythm-check in fish.
#
# To be installed as share/fish/vendor_completions.d/rhythm-get.fish, and one a command; each copy serves all
# three. What there is to call comes from the API catalogue, a text file: no command of rhythm's is run,
# nothing goes over the network, nothing is written to stderr.

function __rhythm_date -a file -d 'The date in the first line of a catalogue'
    set -l line
    read -l line <$file
    string match -rg '^#.*(20\d\d-[01]\d-[0-3]\d)' -- "$line"
end

# The catalogues, the one in use first: the user's own or the one beside the command, the one with the later
# date in its first line, or else the newer file; the other one counts if the first holds no row.
function __rhythm_catalogues
    set -l data $XDG_DATA_HOME
    string match -q '/*' -- "$data"; or set data $HOME/.local/share
    set -l command (commandline -opc)[1]
    set command (string replace -r '^~/' "$HOME/" -- $command)
    if not string match -q '*/*' -- "$command"; or not test -f "$command"
        set command (command -s rhythm-get)
    end
    set -l shipped
    if set -q command[1]
        set -l top (path resolve -- $command | path dirname | path dirname)
        set shipped (path filter -fr -- $top/lib/rhythm/catalogue.tsv $top/lib/catalogue.tsv)[1]
    end
    set -l user (path filter -fr -- $data/rhythm/catalogue.tsv)
    set -l files $user $shipped
    if set -q files[2]
        test (path mtime -- $shipped) -gt (path mtime -- $user); and set files $shipped $user
        set -l date (__rhythm_date $files[1])
        set -l other (__rhythm_date $files[2])
        if test -n "$date" -a -n "$other" -a "$date" != "$other"
            test (string replace -a - '' -- $other) -gt (string replace -a - '' -- $date); and set files $files[2] $files[1]
        end
    end
    string join \n -- $files
end

# Of the rows that begin with a pattern, the first group in it, each once.
# Arguments: the pattern for service, method, path and kind; the catalogues.
function __rhythm_rows -a pattern
    for file in $argv[2..]
        string replace -rf "^$pattern\t(?:confirmed|derived|unverified)\$" '$1' <$file | uniq
        # None of this service: of a good catalogue that is the answer.
        string match -qr '^[a-z0-9-]+\t[A-Z-]+\t[A-Za-z0-9{}_./-]+\t[a-z-]+\t(?:confirmed|derived|unverified)$' <$file
        and return
    end
end

function __rhythm_services
    __rhythm_rows '([a-z0-9-]+)\t[A-Z-]+\t[A-Za-z0-9{}_./-]+\t[a-z-]+' (__rhythm_catalogues) | string replace -r '$' \tservice
end

function __rhythm_resources -a service
    string match -qr '^[a-z0-9-]+$' -- "$service"; or return
    __rhythm_rows $service'\t[A-Z-]+\t([A-Za-z0-9{}_.-]*[A-Za-z0-9{}_.])[A-Za-z0-9{}_./-]*\t[a-z-]+' (__rhythm_catalogues) |
        string replace -r '$' \tresource
end

# The next segment of a service's paths, with a slash where more follows; "readable": of those that a GET or
# a search reads. A placeholder that is filled in already matches too.
function __rhythm_paths -a service which
    string match -qr '^[a-z0-9-]+$' -- "$service"; or return
    set -l typed (string unescape -- (commandline -ct))
    or set typed (commandline -ct | string trim -l -c '"\'')
    # Behind an open { that is not quoted fish would put \}, which closes nothing: better no help than that.
    string match -qr '^[^"\']*(?<!\\\\)\{[^}]*$' -- (commandline -ct); and return
    set -l stem (string replace -r '[^/]*$' '' -- "$typed")
    set -l catalogues (__rhythm_catalogues)
    set -l segment '([A-Za-z0-9{}_.-]+/?)[A-Za-z0-9{}_./-]*'
    set -l row '[A-Z]+\tPATH\t[a-z-]+'
    test "$which" = readable; and set row '(?|GET\tPATH\t[a-z-]+|POST\tPATH\tsearch)'
    # First as typed, then with values where the catalogue has placeholders.
    set -l parts (string split / -- $stem)[1..-2]
    set -l exact (string escape --style=regex -- "$stem")
    set -l filled
    set -q parts[1]; and set filled (string escape --style=regex -- $parts[1])/
    for part in $parts[2..]
        set filled "$filled(?:"(string escape --style=regex -- $part)"|\{[^/\t]*\})/"
    end
    set -l next
    for head in "$exact" $filled
        set next (__rhythm_rows $service'\t'(string replace -a PATH "$head$segment" -- $row) $catalogues)
        if test -z "$stem"
            set -a next (__rhythm_rows $service'\t-\t([A-Za-z0-9_.][A-Za-z0-9_.-]*)\t-' $catalogues | string replace -r '$' /)
        end
        set -q next[1]; and break
    end
    # A resource of which only the name is known: the usual forms.
    if not set -q next[1]; and set -q parts[1]
        if test -n "$(__rhythm_rows $service'\t-\t('(string escape --style=regex -- $parts[1])')\t-' $catalogues)"
            switch (count $parts)
                case 1
                    set next {tenantId} {tenantId}/
                case 2
                    set next search {id}
            end
        end
    end
    set -q next[1]; and string join \n -- $stem$next
end

# NAME= for the placeholders of a path that neither the token nor one of the words fills.
# Arguments: the path, the words.
function __rhythm_names -a path
    for name in (string match -arg '\{([A-Za-z0-9_.-]+)\}' -- $path)
        contains -- $name tenantId tenant_id contactId contact_id customerId customer_id; and continue
        string match -q -- "$name=*" $argv[2..]; and continue
        printf '%s=\tvalue for the path\n' $name
    end
end

# What stands on the line as an operand: the service, the path, and so on. Arguments: options that take a word.
function __rhythm_operands
    set -l rest 0
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if test $rest = 0; and test "$word" = --
            set rest 1
        else if test $rest = 0; and string match -q -- '-?*' "$word"
            contains -- $word $argv; and set skip 1
        else
            printf '%s\n' "$word"
        end
    end
end

function __rhythm_get_operands
    set -l words (commandline -opc)
    contains -- -- $words; and return
    set -l operands (__rhythm_operands -p --profile --token -X --request -d --data -H --header --start-key \
        --max --fields --jq --allow -o --output --retries --get)
    set -l count (count $operands)
    if contains -- --list $words
        switch $count
            case 0
                __rhythm_services
            case 1
                __rhythm_resources $operands[1]
        end
    else if test $count = 0
        __rhythm_services
    else if string match -q '*://*' -- $operands[1]
        __rhythm_names $operands[1] $operands
    else if test $count = 1
        __rhythm_paths $operands[1]
    else
        __rhythm_names $operands[2] $operands
    end
end

function __rhythm_check_operands
    set -l operands (__rhythm_operands -p --profile --token --request --format --get)
    switch (count $operands)
        case 0
            printf '%s\n' -\t'standard input'
            __rhythm_services
        case 1
            string match -q '*://*' -- $operands[1]; or __rhythm_paths $operands[1] readable
    end
end

function __rhythm_token_operands
    set -l operands (__rhythm_operands -p --profile --token --min-valid --format --get --jwks)
    switch (count $operands)
        case 0
            printf '%s\n' claims\t'the claims of a token' header\t'the Authorization header' \
                print\t'the bare token' verify\t'signature, issuer, audience, times' \
                status\t'what is cached and what it cost' login\t'get a user token' \
                logout\t'forget the tokens' config\t'the settings and where they come from'
        case 1
            contains -- $operands[1] claims verify; and __rhythm_files
    end
end

function __rhythm_verb -d 'Whether the command of rhythm-token is one of these, or none yet'
    set -l operands (__rhythm_operands -p --profile --token --min-valid --format --get --jwks)
    not set -q operands[1]; or contains -- $operands[1] $argv
end

# The names of *.conf. A name that rhythm would refuse is not offered: it may hold anything.
function __rhythm_profiles
    set -l home $XDG_CONFIG_HOME
    string match -q '/*' -- "$home"; or set home $HOME/.config
    for file in $home/rhythm/*.conf
        test -f $file; and string replace -rf '^.*/([A-Za-z0-9._-]+)\.conf$' '$1\tprofile' -- $file
    end
end

# The part of the word at the cursor that a value is completed for.
function __rhythm_value
    commandline -ct | string replace -r '^--[a-z-]+=' ''
end

function __rhythm_files
    __fish_complete_path (__rhythm_value)
end

function __rhythm_input
    printf '%s\n' -\t'standard input'
    __rhythm_files
end

# @ and a file's name; JSON itself is for the user to type.
function __rhythm_body
    set -l value (__rhythm_value)
    if string match -q '@*' -- "$value"
        printf '@%s\n' (__fish_complete_path (string sub -s 2 -- $value))
    else if test -z "$value"
        printf '%s\n' @\t'a file'
    end
end

set -g __rhythm_settings auth0_domain client_id client_secret client_secret_file client_secret_command audience \
    tenant_id api_base grant username password password_command scope token_file cache monthly_limit \
    hourly_limit read_only timeout ca_bundle
set -g __rhythm_causes config credentials grant quota header-missing header-name header-scheme token-malformed \
    token-opaque token-expired token-not-yet-valid clock-skew audience issuer signature tenant-claim \
    customer-claim first-login contact-context tenant-mismatch base-url route permission rate-limit network \
    tls server

function __rhythm_token_keys
    switch (__rhythm_operands -p --profile --token --min-valid --format --get --jwks)[1]x
        case statusx
            printf '%s\n' profile kind state expires_at expires_in entry ledger month minted limit left projected
        case configx
            printf '%s\n' $__rhythm_settings from.$__rhythm_settings
        case '*'
            printf '%s\n' aud azp contact_id contact_name customer_id exp gty iat iss sub tenant_id
    end
end

# Of several copies of this file the last one counts, alone.
for command in rhythm-token rhythm-get rhythm-check
    complete -c $command -e
    complete -c $command -f
    complete -c $command -s p -l profile -x -a '(__rhythm_profiles)' -d 'Use this profile'
    complete -c $command -l token -x -a '(__rhythm_input)' -d 'Use the token in this file'
    complete -c $command -s q -l quiet -d 'Say less'
    complete -c $command -s v -l verbose -d 'Say more'
    complete -c $command -s h -l help -d 'Show help'
    complete -c $command -s V -l version -d 'Show the version'
end

complete -c rhythm-token -a '(__rhythm_token_operands)'
complete -c rhythm-token -l min-valid -x -d 'Renew if fewer seconds are left'
complete -c rhythm-token -l refresh -d 'Get a new token now'
complete -c rhythm-token -l offline -d 'Never use the network'
complete -c rhythm-token -l no-shared -d 'Go on without the cache helper'
complete -c rhythm-token -l format -x -a 'kv shell json' -d 'How to print'
complete -c rhythm-token -l get -x -a '(__rhythm_token_keys)' -d 'Print one value'
complete -c rhythm-token -n '__rhythm_verb verify' -l jwks -x -a '(__rhythm_files)' -d 'Keys to verify with'
complete -c rhythm-token -n '__rhythm_verb verify' -l signature-only -d 'Judge the signature alone'
complete -c rhythm-token -n '__rhythm_verb status' -l log -d 'Show the ledger'

complete -c rhythm-get -a '(__rhythm_get_operands)'
complete -c rhythm-get -l list -d 'What there is to call'
complete -c rhythm-get -s X -l request -x -a 'GET POST PUT PATCH DELETE' -d Method
complete -c rhythm-get -s d -l data -x -a '(__rhythm_body)' -d 'JSON to send'
complete -c rhythm-get -s H -l header -x -d 'A header'
complete -c rhythm-get -s a -l all -d 'All pages, one item a line'
complete -c rhythm-get -l start-key -x -d 'Resume there'
complete -c rhythm-get -l max -x -d 'Stop after so many items'
complete -c rhythm-get -l fields -x -d 'Only these fields'
complete -c rhythm-get -l jq -x -d 'Filter through jq'
complete -c rhythm-get -l allow -x -a '400 401 403 404 409 429' -d 'This status is no error'
complete -c rhythm-get -s i -l include -d 'Show the headers'
complete -c rhythm-get -s o -l output -x -a '(__rhythm_files)' -d 'Write to a file'
complete -c rhythm-get -s n -l dry-run -d 'Print the command, send nothing'
complete -c rhythm-get -l retries -x -d 'How often to try again'
complete -c rhythm-get -s y -l yes -d 'Do not ask'
complete -c rhythm-get -s s -l silent -d 'As in curl'
complete -c rhythm-get -s S -l show-error -d 'As in curl'
complete -c rhythm-get -s f -l fail -d 'As in curl'

complete -c rhythm-check -a '(__rhythm_check_operands)'
complete -c rhythm-check -l request -x -a '(__rhythm_input)' -d 'A failed request as captured'
complete -c rhythm-check -l offline -d 'Never use the network'
complete -c rhythm-check -l format -x -a 'text kv json' -d 'How to print'
complete -c rhythm-check -l get -x -a 'cause reason fix check.{$__rhythm_causes}' -d 'Print one value'
