// Sends without an answer, and who receives what the hub sends: caller, others, groups, users, connections; in order.
using System.Text.RegularExpressions;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private void DefineSends()
    {
        It("runs a send without answering it, in the order of the calls", async () =>
        {
            var client = await Connect();

            await client.Send("Notify", "first");
            await client.Send("Fail", "heard by nobody");
            await client.Send("NoSuch");
            await client.Send("Notify", "second");

            Check.Sequence(["first", "second"], await client.Received.Take(2));
        });

        It("keeps the order of 1000 messages to the client", async () =>
        {
            var client = await Connect();

            Check.Equal(1000, await client.Call<int>("Burst", 1000));

            Check.Sequence(Numbered(1000), await client.Received.Take(1000));
            await client.ReceivedNothingMore();
        });

        It("keeps the order of 1000 messages from one client to another", async () =>
        {
            var sender = await Connect();
            var receiver = await Connect();

            foreach (var number in Numbered(1000)) await sender.Send("SendOthers", number);

            Check.Sequence(Numbered(1000), await receiver.Received.Take(1000));
            await receiver.ReceivedNothingMore();
        });

        It("broadcasts to everybody and to the others", async () =>
        {
            Client[] clients = [await Connect(), await Connect(), await Connect()];

            await clients[0].Call("Broadcast", "to all");
            await clients[0].Call("SendOthers", "to the others");

            Check.Equal("to all", await clients[0].Received.Next());
            foreach (var other in clients[1..]) Check.Sequence(["to all", "to the others"], await other.Received.Take(2));
            await clients[0].ReceivedNothingMore();
        });

        It("sends to the members of a group", async () =>
        {
            Client member = await Connect(), sender = await Connect(), outsider = await Connect();
            await member.Call("Join", "reds");
            await member.Call("Join", "reds");

            await sender.Call("SendGroup", "reds", "one");
            await sender.Call("SendGroup", "Reds", "group names have letter case");
            await sender.Call("SendGroup", "nobody here", "lost");
            Check.Equal("one", await member.Received.Next());
            await member.Call("Leave", "reds");
            await member.Call("Leave", "never joined");
            await sender.Call("SendGroup", "reds", "two");

            await member.ReceivedNothingMore();
            await outsider.ReceivedNothingMore();
        });

        It("sends to every connection of a user", async () =>
        {
            Client first = await ConnectAs("Ann"), second = await ConnectAs("Ann"), other = await ConnectAs("ann");

            await other.Call("SendUser", "Ann", "hi Ann");
            await other.Call("SendUser", "nobody", "lost");

            Check.Equal("hi Ann", await first.Received.Next());
            Check.Equal("hi Ann", await second.Received.Next());
            await first.ReceivedNothingMore();
            await other.ReceivedNothingMore();
        });

        It("sends to one connection and ignores unknown ids", async () =>
        {
            Client sender = await Connect(), receiver = await Connect();
            var id = await receiver.Call<string>("ConnectionId");

            await sender.Call("SendConnection", id, "just for you");
            await sender.Call("SendConnection", "no-such-connection", "lost");

            Check.Equal("just for you", await receiver.Received.Next());
            await receiver.ReceivedNothingMore();
            await sender.ReceivedNothingMore();
        });

        It("tells a client who it is and where", async () =>
        {
            Client anonymous = await Connect(), named = await ConnectAs("J. Ω");

            var id = await anonymous.Call<string>("ConnectionId");

            Check.That(Regex.IsMatch(id, "^[A-Za-z0-9_-]{22}$"));
            Check.That(id != await named.Call<string>("ConnectionId"));
            Check.Equal(way.SkipNegotiation ? null : id, anonymous.Hub.ConnectionId);
            Check.Equal(null, await anonymous.Call<string?>("UserId"));
            Check.Equal("J. Ω", await named.Call<string?>("UserId"));
            Check.Equal(Server.Node, await named.Call<string>("NodeName"));
        });

        It("counts who is connected", async () =>
        {
            var observer = await Connect();
            await Waiting.Eventually("earlier clients are gone", async () => await observer.Call<int>("ConnectedCount") == 1);

            var visitor = await Connect();
            await visitor.Call("Nothing");
            Check.Equal(2, await observer.Call<int>("ConnectedCount"));
            await visitor.Stop();

            await Waiting.Eventually("the visitor is gone", async () => await observer.Call<int>("ConnectedCount") == 1);
        });
    }
}
