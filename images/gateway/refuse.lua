-- Refuses a request once its body has been read: answered before, the sender of an upload may see a broken connection
-- in place of the answer. The rules of the configuration have set the status and the message.
local MOST = 64 * 1024 * 1024
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
    local status = applet:get_var("txn.status")
    local body = applet:get_var("txn.message") .. "\n"
    applet:set_status(status)
    if status == 401 then
        applet:add_header("www-authenticate", 'Basic realm="' .. applet:get_var("txn.realm") .. '"')
    end
    applet:add_header("content-type", "text/plain")
    applet:add_header("content-length", tostring(#body))
    applet:start_response()
    applet:send(body)
end)
