-- Refuses an upload without valid credentials once it has been read: answered before, its sender may see a
-- broken connection in place of the answer.
local MOST = 128 * 1024 * 1024
local CHUNK = 64 * 1024

core.register_service("refuse", "http", function(applet)
    local left = MOST
    while left > 0 do
        local chunk = applet:receive(CHUNK)
        if chunk == nil or #chunk == 0 then
            break
        end
        left = left - #chunk
    end
    local body = "401: the user or the password is wrong.\n"
    applet:set_status(401)
    applet:add_header("www-authenticate", 'Basic realm="' .. applet:get_var("txn.realm") .. '"')
    applet:add_header("content-type", "text/plain")
    applet:add_header("content-length", tostring(#body))
    applet:start_response()
    applet:send(body)
end)
