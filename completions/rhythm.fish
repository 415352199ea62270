# Tab for rhythm-token, rhythm-get and rhythm-check in fish.
#
# To be installed as share/fish/vendor_completions.d/rhythm-get.fish, and once for each other command; each copy serves
# all three. What can be called comes from the API catalogue, a text file: no command of rhythm's is run, nothing goes
# over the network, nothing is written to stderr.

# The program that reads the catalogue. It is looked up beside this file and beside the rhythm-get on PATH, but never beside
# a command that was only typed: Tab must not run a program that Enter has not run.
set -g __rhythm_program
if set -l file (path filter -f -- (status filename)) # none, if this was sourced from a pipe
    set -l here (path resolve -- $file | path dirname)
    set -g __rhythm_program (path filter -fr -- $here/../../../lib/rhythm/get/complete.awk $here/../lib/get/complete.awk)[1]
end

# Prints the matches in the catalogue, the user's own or the one beside the command; for the arguments see
# lib/get/complete.awk.
function __rhythm_catalogue -a mode service cur path method
    set -l data $XDG_DATA_HOME
    string match -q '/*' -- "$data"; or set data $HOME/.local/share
    set -l files (path filter -fr -- $data/rhythm/catalogue.tsv)
    set -l command (commandline -opc)[1]
    set command (string replace -r '^~/' "$HOME/" -- $command)
    if not string match -q '*/*' -- "$command"; or not test -f "$command"
        set command (command -s rhythm-get)
    end
    if set -q command[1]
        set -l top (path resolve -- $command | path dirname | path dirname)
        set -a files (path filter -fr -- $top/lib/rhythm/get/catalogue.tsv $top/lib/get/catalogue.tsv)[1]
    end
    set -l program $__rhythm_program
    if not set -q program[1]
        set -l top (path resolve -- (command -s rhythm-get) | path dirname | path dirname)
        set program (path filter -fr -- $top/lib/rhythm/get/complete.awk $top/lib/get/complete.awk)[1]
    end
    set -q files[1]; and set -q program[1]; or return
    LC_ALL=C rhythm_mode=$mode rhythm_service="$service" rhythm_cur="$cur" rhythm_path="$path" rhythm_method="$method" \
        awk -f $program -- $files 2>/dev/null
end

function __rhythm_services
    __rhythm_catalogue services | string replace -r '$' \tservice
end

function __rhythm_paths -a mode service method
    set -l typed (string unescape -- (commandline -ct))
    or set typed (commandline -ct | string trim -l -c '"\'')
    # After an open { that is not quoted, fish would insert \}, which closes nothing: offer nothing instead.
    string match -qr '^[^"\']*(?<!\\\\)\{[^}]*$' -- (commandline -ct); and return
    __rhythm_catalogue $mode $service (string replace -r '[^/]*$' '' -- "$typed") '' $method
end

# Offers NAME= for the placeholders of a path that get a value neither from the token nor from a word.
# Arguments: the path, the words.
function __rhythm_names -a path
    for name in (string match -arg '\{([A-Za-z0-9_.-]+)\}' -- $path)
        contains -- $name tenantId tenant_id contactId contact_id customerId customer_id; and continue
        string match -q -- "$name=*" $argv[2..]; and continue
        printf '%s=\tvalue for the path\n' $name
    end
end

# Offers NAME== for the query parameters of a path that no word sets, and fields after fields==.
# Arguments: the service, the path, the words.
function __rhythm_parameters -a service path
    set -l typed (string match -r '^(?:fields|fieldsToReturn)==' -- (commandline -ct))
    if set -q typed[1]
        __rhythm_fields $typed $service $path
        return
    end
    for name in (__rhythm_catalogue parameters $service '' $path (__rhythm_method))
        string match -q -- "$name*" $argv[3..]; or printf '%s\tquery parameter\n' $name
    end
end

# Offers fields after PREFIX, or after the last comma of what was typed. fish puts --fields= before them itself.
function __rhythm_fields -a prefix service path
    set -l before (string match -r '^.*,' -- (__rhythm_value | string replace -- $prefix ''))
    printf "$prefix$before%s\tfield\n" (__rhythm_catalogue fields "$service" '' "$path")
end

function __rhythm_fields_option
    set -l operands (__rhythm_operands)
    __rhythm_fields '' $operands[1..2]
end

# Offers fields for --set and similar options, each with SUFFIX.
function __rhythm_patch -a suffix
    set -l operands (__rhythm_operands)
    printf "%s$suffix\tfield\n" (__rhythm_catalogue fields "$operands[1]" '' "$operands[2]")
end

# The method that -X sets.
function __rhythm_method
    set -l words (commandline -opc)
    set -l given (string match -rg -- '^(?:-X|--method=|--request=)(.+)$' $words)
    for i in (seq 2 (count $words))
        contains -- "$words[$i]" -X --method --request; and set given $words[(math $i + 1)]
    end
    printf '%s\n' $given[-1]
end

# The methods of the path, if the line has one; otherwise all.
function __rhythm_methods
    set -l operands (__rhythm_operands)
    if set -q operands[2]
        __rhythm_catalogue methods $operands[1] '' $operands[2]
    else
        printf '%s\n' GET POST PUT PATCH DELETE
    end
end

set -g __rhythm_with_word -p --profile --token --capture --get --format --min-valid --jwks --leeway --session-dir --status-fd \
    -X --method --request -d --data -H --header -o --output --start-key --max --limit --set --set-json --unset --fields --jq --allow --retries

function __rhythm_operands -d 'The operands on the line: the service, the path, and so on'
    set -l rest 0
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if test $rest = 0; and test "$word" = --
            set rest 1
        else if test $rest = 0; and string match -qr -- '^-.' "$word"
            contains -- $word $__rhythm_with_word; and set skip 1
        else
            printf '%s\n' "$word"
        end
    end
end

function __rhythm_call -d 'Offer the next of SERVICE PATH NAME=VALUE; arguments: the ones before it'
    if not set -q argv[1]
        __rhythm_services
    else if string match -q '*://*' -- $argv[1]
        __rhythm_names $argv[1] $argv
    else if set -q argv[2]
        __rhythm_names $argv[2] $argv
        __rhythm_parameters $argv
    else if contains -- -a (commandline -opc); or contains -- --all (commandline -opc)
        __rhythm_paths listed $argv[1] (__rhythm_method)
    else
        __rhythm_paths paths $argv[1] (__rhythm_method)
    end
end

function __rhythm_get_operands
    set -l words (commandline -opc)
    contains -- -- $words; and return
    set -l operands (__rhythm_operands)
    set -l before (commandline -ct | string match -r '^\w+=@')
    if set -q operands[1] before[1]
        printf "$before%s\n" (__fish_complete_path (commandline -ct | string replace $before ''))
    else if not contains -- --list $words
        __rhythm_call $operands
    else if not set -q operands[1]
        __rhythm_services
    else if not set -q operands[2]
        __rhythm_catalogue resources $operands[1] | string replace -r '$' \tresource
    end
end

function __rhythm_check_operands
    set -l operands (__rhythm_operands)
    switch (count $operands)
        case 0
            printf '%s\n' -\t'standard input'
            __rhythm_services
        case 1
            string match -q '*://*' -- $operands[1]; or __rhythm_paths readable $operands[1]
    end
end

function __rhythm_token_operands
    set -l operands (__rhythm_operands)
    if not set -q operands[1]
        printf '%s\n' claims\t'the claims of a token' header\t'the Authorization header' print\t'the bare token' \
            url\t'the URL of a call' curl\t'the URL and the header, for curl -K -' \
            verify\t'check signature, issuer, audience, times' facts\t'what rhythm-check needs to know' \
            status\t'the cached token, and what the month has cost' login\t'get a user token' logout\t'delete the token' \
            config\t'the settings and where they come from'
    else if contains -- $operands[1] url curl facts
        __rhythm_call $operands[2..]
    else if contains -- $operands[1] claims verify; and not set -q operands[2]
        __rhythm_input
    end
end

function __rhythm_verb -a verb -d 'Whether the command of rhythm-token is this one, or none yet'
    set -l operands (__rhythm_operands)
    not set -q operands[1]; or test "$operands[1]" = $verb
end

# Offers the names of *.conf. A name that rhythm would refuse may contain anything, and is not offered.
function __rhythm_profiles
    set -l home $XDG_CONFIG_HOME
    string match -q '/*' -- "$home"; or set home $HOME/.config
    for file in $home/rhythm/*.conf
        test -f $file; and string replace -rf '^.*/([A-Za-z0-9._-]+)\.conf$' '$1\tprofile' -- $file
    end
end

# The part of the word at the cursor that is an option's value.
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

# Offers @ and a file's name; the user has to type JSON.
function __rhythm_body
    set -l value (__rhythm_value)
    if string match -q '@*' -- "$value"
        printf '@%s\n' (__fish_complete_path (string sub -s 2 -- $value))
    else if test -z "$value"
        printf '%s\n' @\t'a file'
    end
end

function __rhythm_keys
    set -l settings auth0_domain client_{id,secret,secret_file,secret_command} audience tenant_id api_base grant username \
        password password_file password_command scope redirect_uri token_file cache cache_url redis_{url,password_file,password_command,ca_bundle} {month,hour}ly_limit read_only timeout ca_bundle
    set -l operands (__rhythm_operands)
    switch "$operands[1]"
        case status
            printf '%s\n' profile kind state expires_{at,in} entry quota.per_{hour,day}.{limit,left,resets_in} \
                failure.{at,status,cause,message} ledger month minted limit left projected
        case config
            printf '%s\n' profile $settings from.$settings
        case verify
            printf '%s\n' signature alg kid iss aud sub exp reason
        case url
            printf '%s\n' url timeout read_only ca_bundle
        case '' claims
            printf '%s\n' aud azp contact_{id,name} customer_id exp gty iat iss sub tenant_id
    end
end

function __rhythm_check_keys
    printf '%s\n' cause reason fix check.{config,credentials,grant,quota,header-{missing,name,scheme},clock-skew} \
        check.{token-{malformed,opaque,expired,not-yet-valid},audience,issuer,signature,{tenant,customer}-claim} \
        check.{first-login,contact-context,tenant-mismatch,base-url,route,permission,rate-limit,network,tls,server} \
        check.unexplained
end

# If several copies of this file are loaded, the last one replaces the others.
for command in rhythm-token rhythm-get rhythm-check
    complete -c $command -e
    complete -c $command -f
    complete -c $command -s p -l profile -x -a '(__rhythm_profiles)' -d 'Use the settings of this profile'
    complete -c $command -l token -x -a '(__rhythm_input)' -d 'Use the token in this file'
    complete -c $command -s q -l quiet -d 'Print less'
    complete -c $command -s v -l verbose -d 'Report each step'
    complete -c $command -s h -l help -d 'Show help'
    complete -c $command -s V -l version -d 'Show the version'
end

set -l token complete -c rhythm-token
set -l get complete -c rhythm-get
set -l check complete -c rhythm-check

$token -a '(__rhythm_token_operands)'
$token -l min-valid -x -d 'Renew the token if fewer seconds are left'
$token -l refresh -d 'Get a new token now'
$token -l offline -d 'Open no connection'
$token -l no-shared -d 'Do not use the cache that hosts share'
$token -l session-dir -x -a '(__fish_complete_directories (__rhythm_value))' -d 'Keep user tokens in this directory'
$token -n '__rhythm_verb curl' -l bundle -d "Read the system's certificate bundle"
$token -l status-fd -x -d 'Also write the exit status of a failure to this descriptor'
$token -l format -x -a 'kv shell json' -d 'Set the output format'
$token -l get -x -a '(__rhythm_keys)' -d 'Print only this value'
$token -n '__rhythm_verb verify' -l jwks -x -a '(__rhythm_files)' -d 'Verify with this key set'
$token -n '__rhythm_verb verify; or __rhythm_verb facts' -l signature-only -d 'Check only the signature'
$token -n '__rhythm_verb verify' -l leeway -x -d 'Let clocks differ by so many seconds'
$token -n '__rhythm_verb login' -l no-browser -d 'Print the URL instead of opening a browser'
$token -n '__rhythm_verb status' -l log -d 'Show the ledger'
$token -n '__rhythm_verb url' -s n -l dry-run -d 'Leave placeholders without a value'
$token -n '__rhythm_verb config' -l init -d 'Write a profile'
$token -n '__rhythm_verb config' -l test -d 'Get a token with it'
$token -n '__rhythm_verb config' -s y -l yes -d 'Replace an existing profile'

$get -a '(__rhythm_get_operands)'
$get -l list -d 'List what you can call'
$get -s X -l method -l request -x -a '(__rhythm_methods)' -d 'Set the method'
$get -s d -l data -x -a '(__rhythm_body)' -d 'Send this JSON'
$get -s H -l header -x -d 'Add a header'
$get -s a -l all -d 'Get all pages, one item per line'
$get -l start-key -x -d 'Begin after this key or line'
$get -l max -x -d 'Stop after this many items'
$get -l limit -x -d 'Stop after this many items'
$get -l set -x -a '(__rhythm_patch =)' -d 'With PATCH: set a field to a text'
$get -l set-json -x -a '(__rhythm_patch =)' -d 'With PATCH: set a field to a JSON value'
$get -l unset -x -a '(__rhythm_patch)' -d 'With PATCH: remove a field'
$get -l fields -x -a '(__rhythm_fields_option)' -d 'Get only these fields'
$get -l jq -x -d 'Filter the response with jq'
$get -l allow -x -a '400 401 403 404 409 429' -d 'Do not treat this status as an error'
$get -s i -l include -d 'Print the headers too'
$get -s o -l output -x -a '(__rhythm_files)' -d 'Write to this file'
$get -s n -l dry-run -d 'Print the command, send nothing'
$get -l retries -x -d 'Retry up to this many times'
$get -s y -l yes -d 'Do not ask before DELETE'
$get -s s -l silent -d 'Always on; for curl users'
$get -s S -l show-error -d 'Always on; for curl users'
$get -s f -l fail -d 'Always on; for curl users'

$check -a '(__rhythm_check_operands)'
$check -l capture -x -a '(__rhythm_input)' -d 'Judge a captured request'
$check -l bundle -d 'Print what support needs, without secrets'
$check -l offline -d 'Open no connection'
$check -l format -x -a 'text kv json' -d 'Set the output format'
$check -l get -x -a '(__rhythm_check_keys)' -d 'Print only this value'
