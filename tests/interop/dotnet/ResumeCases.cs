// Stateful reconnect: connections are cut again and again, and the client does not notice.
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineResumes()
    {
        It("has stateful reconnect from the version on that the table of capabilities says", () =>
        {
            var has = typeof(HubConnectionBuilder).Assembly.GetTypes().Concat(typeof(HubConnectionBuilderHttpExtensions).Assembly.GetTypes())
                .Any(type => type.GetMethod("WithStatefulReconnect") is not null);
            Check.Equal(clientVersion >= Capability.StatefulReconnect.Since, has);
            return Task.CompletedTask;
        });
        if (!Can(Capability.StatefulReconnect)) return;
        HubbubOnly("goes on with its connection over 15 cuts, and nothing is lost, doubled or reordered", async () =>
        {
            const int messages = 3000;
            const int cuts = 15;
            await using var proxy = new CuttingProxy(server.Port);
            var client = Client.Built(proxy.Url, way, new ClientOptions { Stateful = true });
            opened.Add(client);
            await client.Start();
            var id = client.Hub.ConnectionId;
            var received = 0;
            var nextCut = 20;
            for (var sent = 0; received < messages; ++received)
            {
                for (; sent < messages && sent - received < 10; ++sent) await client.Send("Notify", sent.ToString());
                Check.Equal(received.ToString(), await client.Received.Next());
                if (received < nextCut || proxy.Armed || proxy.Cuts == cuts) continue;
                nextCut = received + messages / (cuts + 5);
                proxy.CutSoon();
            }
            Check.Equal(id, await client.Call<string>("ConnectionId"));
            Check.Equal(cuts, proxy.Cuts);
            Check.Equal(0, client.Reconnecting.Count);
            Check.Equal(0, client.Closed.Count);
            await client.ReceivedNothingMore();
        });
    }
}
