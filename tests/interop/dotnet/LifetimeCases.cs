// How connections end, whoever ends them, and how they come back.
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineLifetimes()
    {
        It("lets a client stop without an error", async () =>
        {
            var client = await Connect(new ClientOptions { Reconnect = true });

            await client.Stop();

            Check.Equal(null, await client.Closed.Next());
            Check.Equal(0, client.Reconnecting.Count);
            Check.Equal(HubConnectionState.Disconnected, client.Hub.State);
        });

        It("serves a client that stopped and starts again", async () =>
        {
            var client = await Connect();
            var before = await client.Call<string>("ConnectionId");
            await client.Call("Join", "before");
            await client.Stop();

            await client.Start();

            Check.That(before != await client.Call<string>("ConnectionId"));
            await client.Call("SendGroup", "before", "groups do not outlive a connection");
            await client.ReceivedNothingMore();
        });

        It("ends an aborted connection, which does not come back", async () =>
        {
            var client = await Connect(new ClientOptions { Reconnect = true });

            await client.Send("Abort");

            Check.Equal(null, await client.Closed.Next());
            Check.Equal(0, client.Reconnecting.Count);
            await Check.Fails<InvalidOperationException>("a call that comes too late", client.Call("Echo", "too late"));
        });

        It("lets a client reconnect after an error that the server closed it for", async () =>
        {
            var client = await Connect(new ClientOptions { Reconnect = true });
            var id = await client.Call<string>("ConnectionId");

            await BreakTheProtocol(client);

            var returned = await client.Reconnected.Next();
            var now = await client.Call<string>("ConnectionId");
            Check.That(now != id);
            Check.Equal(way.SkipNegotiation ? null : now, returned);
        });

        It("lets clients reconnect when the server comes back on its port", async () =>
        {
            Client[] clients = [await Connect(new ClientOptions { Reconnect = true }), await Connect(new ClientOptions { Reconnect = true })];
            await clients[0].Call("Join", "before");

            await server.Kill();
            foreach (var client in clients) Check.That(await client.Reconnecting.Next() is not null);
            await server.Start();

            foreach (var client in clients) await client.Reconnected.Next(20);
            await clients[0].Call("SendGroup", "before", "groups do not outlive a connection");
            await clients[1].Call("Broadcast", "together again");
            foreach (var client in clients) Check.Equal("together again", await client.Received.Next());
        });

        HubbubOnly("tells its clients when it stops, and they may come back", async () =>
        {
            Client staying = await Connect(new ClientOptions { Reconnect = true }), leaving = await Connect();
            // Whose last call is answered has a transport that is under way.
            await staying.Call("Nothing");
            await leaving.Call("Nothing");

            Check.Equal(0, await server.Stop());

            Check.Equal(null, await leaving.Closed.Next());
            Check.Equal(null, await staying.Reconnecting.Next());
            await server.Start();
            await staying.Reconnected.Next(20);
            Check.Equal("back", await staying.Call<string>("Echo", "back"));
            Check.Equal(0, staying.Closed.Count);
        });

        It("keeps a quiet connection alive in the client's eyes", async () =>
        {
            // The server sends a ping every 5 s; over long polling the client asks for none.
            var client = await Connect(new ClientOptions { ServerTimeout = TimeSpan.FromSeconds(9) });

            Check.Equal(13_000, await Waiting.Within("the end of a silence", client.Hub.InvokeAsync<int>("Delay", 13_000), 30));

            Check.Equal(0, client.Closed.Count);
        });
    }

    // A message above the limit is what this client can do wrong through its public face.
    private static async Task BreakTheProtocol(Client client)
    {
        var refused = client.Hub.InvokeCoreAsync<string>("Echo", [new string('x', LargestMessage)]);
        Check.Equal(ClosedWithError, (await client.Reconnecting.Next())?.Message);
        await Check.Fails<Exception>("the call", refused);
    }
}
