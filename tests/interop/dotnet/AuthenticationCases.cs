// The hub at /auth, whose every request needs a valid token.
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineAuthentication()
    {
        It("lets in who has a token, and knows who that is", async () =>
        {
            var client = await ConnectWith(Token("Ann"));

            Check.Equal("Ann", await client.Call<string?>("UserId"));
            Check.Equal("Failed to invoke 'AdminOnly' because user is unauthorized", await client.Failure("AdminOnly"));
        });

        It("grants what the role of the token allows", async () =>
        {
            Client admin = await ConnectWith(Token("Bob", role: "admin")), guest = await ConnectWith(Token("Eve", role: "guest"));

            Check.Equal("granted", await admin.Call<string>("AdminOnly"));
            Check.Equal("Failed to invoke 'AdminOnly' because user is unauthorized", await guest.Failure("AdminOnly"));
        });

        It("takes a token from the query", async () =>
        {
            var client = await Connect(new ClientOptions { Hub = "/auth", Query = $"?access_token={Token("Cleo")}" });

            Check.Equal("Cleo", await client.Call<string?>("UserId"));
        });

        It("refuses a client without a token", () => IsRefused(null));
        It("refuses an expired token", () => IsRefused(Token("Ann", expires: -60)));
        It("refuses a token signed with another key", () => IsRefused(Token("Ann", key: "somebody else's key, also long enough")));
        It("refuses a token that does not expire", () => IsRefused(Token("Ann", expires: null)));
        It("refuses a token that says it needs no signature", () => IsRefused(Token("Ann", algorithm: "none")));
        It("refuses what is no token", () => IsRefused("nonsense"));

        It("sends to the user its token names", async () =>
        {
            Client first = await ConnectWith(Token("Ann")), second = await ConnectWith(Token("Ann")), other = await ConnectWith(Token("Bob"));

            await other.Call("SendUser", "Ann", "hi Ann");

            Check.Equal("hi Ann", await first.Received.Next());
            Check.Equal("hi Ann", await second.Received.Next());
            await other.ReceivedNothingMore();
        });

        It("keeps the hubs apart", async () =>
        {
            Client inside = await ConnectWith(Token("Ann")), outside = await ConnectAs("Ann");

            await inside.Call("Broadcast", "for insiders");
            await outside.Call("SendUser", "Ann", "for outsiders");

            Check.Equal("for insiders", await inside.Received.Next());
            Check.Equal("for outsiders", await outside.Received.Next());
            await inside.ReceivedNothingMore();
            await outside.ReceivedNothingMore();
        });

        It("knows a client that comes back with another token as somebody else", async () =>
        {
            var name = "before";
            var client = await Connect(new ClientOptions { Hub = "/auth", Token = () => Task.FromResult<string?>(Token(name)), Reconnect = true });
            Check.Equal("before", await client.Call<string?>("UserId"));

            name = "after";
            await BreakTheProtocol(client);
            await client.Reconnected.Next();

            Check.Equal("after", await client.Call<string?>("UserId"));
        });
    }

    private Task<Client> ConnectWith(string token) =>
        Connect(new ClientOptions { Hub = "/auth", Token = () => Task.FromResult<string?>(token) });

    private async Task IsRefused(string? token)
    {
        var client = Build(new ClientOptions { Hub = "/auth", Token = () => Task.FromResult(token) });

        var error = await Check.Fails<Exception>("the start", client.Start());

        // The first request is refused: the one that negotiates, or the one for the WebSocket.
        var status = way.SkipNegotiation ? (error as WebSocketException)?.Message : $"{(error as HttpRequestException)?.StatusCode}";
        Check.Equal(way.SkipNegotiation ? "The server returned status code '401' when status code '101' was expected." : $"{HttpStatusCode.Unauthorized}", status, error.ToString());
        Check.Equal(0, client.Closed.Count);
    }

    private static string Token(string user, string? role = null, int? expires = 600, string key = Server.TokenKey, string algorithm = "HS256")
    {
        var claims = new Dictionary<string, object> { ["sub"] = user };
        if (role is not null) claims["role"] = role;
        if (expires is { } seconds) claims["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;
        var text = $"{Part(JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, typ = "JWT" }))}.{Part(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{text}.{(algorithm == "none" ? "" : Part(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.ASCII.GetBytes(text))))}";
    }

    private static string Part(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
