-- redis: what rhythm-cache-redis does in the store. While Redis runs a script it runs nothing else, so each operation is atomic.
--
-- KEYS: the identity's entry, its lock, the customer's mints. ARGV: the operation, then what redis-request.awk lists.
-- Answers with one line, `rhythm-cache 1 KEY=VALUE ... end`, or with an error that begins with RHYTHM.

local entry_key, lock_key, mints_key = unpack(KEYS)
local operation, identity, fence, ttl, entry, monthly, hourly, host, profile, place, outcome, log = unpack(ARGV)
local time = redis.call('TIME')
local now = tonumber(time[1])
local answer = {}
local foreign

local function put(key, value)
  answer[#answer + 1] = key .. '=' .. value
end

local function number(n)
  return string.format('%.0f', n)
end

-- The first second of the month that contains this second, and the month's name. Days are counted from March 1 of the year 0,
-- so that February ends a year and the leap day is its last day; 719468 of them are before 1970. An era is 400 years, or 146097
-- days; doe and yoe are the day and year of the era, doy the day of that year, mp its month from March = 0. Five months from
-- March on have 153 days, and so have the next five.
local function month_of(second)
  local days = math.floor(second / 86400)
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local day = doy - math.floor((153 * mp + 2) / 5) + 1
  local month = mp < 10 and mp + 3 or mp - 9
  local year = yoe + era * 400 + (month <= 2 and 1 or 0)
  return (days - day + 1) * 86400, string.format('%04d-%02d', year, month)
end

local month_starts, month = month_of(now)
local month_ends = month_of(month_starts + 32 * 86400)

local function lost()
  if redis.call('GET', lock_key) == fence then
    return false
  end
  put('lost', 'yes')
  return true
end

-- The places that were reserved: {place, at, identity, host, profile, outcome}, in no order.
local function read_mints()
  local mints = {}
  local pairs_of = redis.call('HGETALL', mints_key)
  for i = 1, #pairs_of, 2 do
    local at, id, h, p, o = string.match(pairs_of[i + 1], '^(%d+) (%x+) ([%w._-]+) ([%w._-]+) (%l+)$')
    if not at or not string.match(pairs_of[i], '^[%w._-]+$') then
      foreign = mints_key
      return {}
    end
    mints[#mints + 1] = {place = pairs_of[i], at = tonumber(at), identity = id, host = h, profile = p, outcome = o}
  end
  return mints
end

-- Returns how many places the customer has this month, and the sorted times of the identity's places in the last hour.
local function count(mints)
  local minted, hour = 0, {}
  for _, mint in ipairs(mints) do
    if mint.at >= month_starts then
      minted = minted + 1
    end
    if mint.identity == identity and mint.at > now - 3600 then
      hour[#hour + 1] = mint.at
    end
  end
  table.sort(hour)
  return minted, hour
end

-- Sets foreign if one of our keys has a type that rhythm does not give it.
local function check_types()
  for key, type in pairs({[entry_key] = 'string', [lock_key] = 'string', [mints_key] = 'hash'}) do
    local found = redis.call('TYPE', key).ok
    if found ~= type and found ~= 'none' then
      foreign = key
    end
  end
end

local operations = {}

function operations.get()
  local found = redis.call('GET', entry_key)
  if found and not string.match(found, '^[%w._-]+$') then
    foreign = entry_key
  elseif found then
    put('entry', found)
  end
end

function operations.store()
  if not lost() then
    redis.call('SET', entry_key, entry, 'EX', ttl)
    put('stored', 'yes')
  end
end

function operations.erase()
  put('erased', redis.call('DEL', entry_key) == 1 and 'yes' or 'no')
end

-- The time in microseconds differs from every earlier one, even if the store was emptied in between.
function operations.lock()
  local held = redis.call('GET', lock_key)
  if fence ~= '' then
    if not lost() then
      redis.call('EXPIRE', lock_key, ttl)
      put('lock', fence)
    end
  elseif held then
    local left = redis.call('PTTL', lock_key)
    if left < 0 or not string.match(held, '^%d+$') then
      foreign = lock_key
    end
    put('busy', number(math.max(1, math.ceil(left / 1000))))
  else
    fence = time[1] .. string.format('%06d', tonumber(time[2]))
    redis.call('SET', lock_key, fence, 'EX', ttl)
    put('lock', fence)
  end
end

function operations.unlock()
  if not lost() then
    redis.call('DEL', lock_key)
    put('unlocked', 'yes')
  end
end

function operations.mint()
  if lost() then
    return
  end
  local mints = read_mints()
  local minted, hour = count(mints)
  monthly, hourly = tonumber(monthly), tonumber(hourly)
  if foreign then
    return
  elseif monthly > 0 and minted >= monthly then
    put('full', 'month')
    put('frees_in', number(month_ends - now))
  elseif hourly > 0 and #hour >= hourly then
    put('full', 'hour')
    put('frees_in', number(math.max(1, hour[#hour - hourly + 1] + 3600 - now)))
  else
    place = time[1] .. '.' .. time[2] .. '.' .. string.sub(identity, 1, 16)
    redis.call('HSET', mints_key, place, table.concat({number(now), identity, host, profile, 'begun'}, ' '))
    -- longer than the month: its last hour counts in the next month's first
    redis.call('EXPIRE', mints_key, month_ends - now + 7200)
    for _, mint in ipairs(mints) do
      if mint.at < month_starts and mint.at <= now - 3600 then
        redis.call('HDEL', mints_key, mint.place)
      end
    end
    put('place', place)
    minted, hour[#hour + 1] = minted + 1, now
  end
  put('minted', number(minted))
  put('hour', number(#hour))
end

-- A missing place was lost when the store restarted, or was settled before.
function operations.settle()
  local at, id, h, p = string.match(redis.call('HGET', mints_key, place) or '', '^(%d+) (%x+) ([%w._-]+) ([%w._-]+) %l+$')
  if id ~= identity then
    put('settled', 'no')
  elseif outcome == 'denied' or outcome == 'unsent' then
    redis.call('HDEL', mints_key, place)
    put('settled', 'yes')
  else
    redis.call('HSET', mints_key, place, table.concat({at, id, h, p, outcome}, ' '))
    put('settled', 'yes')
  end
end

function operations.totals()
  local mints = read_mints()
  local minted, hour = count(mints)
  local spent = {}
  put('month', month)
  put('month_starts', number(month_starts))
  put('month_ends', number(month_ends))
  put('minted', number(minted))
  put('hour', number(#hour))
  table.sort(mints, function(a, b) return a.at < b.at or (a.at == b.at and a.place < b.place) end)
  for _, mint in ipairs(mints) do
    if mint.at >= month_starts then
      for _, name in ipairs({'host.' .. mint.host, 'profile.' .. mint.profile}) do
        spent[name] = (spent[name] or 0) + 1
      end
      if log == 'yes' then
        put('mint.' .. mint.place, table.concat({number(mint.at), mint.host, mint.profile, mint.outcome}, ','))
      end
    end
  end
  local names = {}
  for name in pairs(spent) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    put(name, number(spent[name]))
  end
end

put('identity', identity)
put('now', number(now))
check_types()
if not foreign then
  operations[operation]()
end
if foreign then
  return redis.error_reply('RHYTHM the key ' .. foreign .. ' contains data that rhythm did not write; delete it')
end
return 'rhythm-cache 1 ' .. table.concat(answer, ' ') .. ' end'
