// The server asks and a client answers, where the client can.
using Microsoft.AspNetCore.SignalR.Client;

namespace Hubbub.Interop;

public sealed partial class Suite
{
    private const string AskFailed = "An unexpected error occurred invoking 'AskClient' on the server.";

    private void DefineClientResults()
    {
        It("has handlers with results from the version on that the table of capabilities says", () =>
        {
            var handler = typeof(Func<object?[], object, Task<object?>>);
            Check.Equal(Can(Capability.ClientResults), typeof(HubConnection).GetMethods().Any(method => method.Name == "On" && method.GetParameters().Any(one => one.ParameterType == handler)));
            return Task.CompletedTask;
        });

        if (Can(Capability.ClientResults)) DefineAnswers();
        else DefineSilence();
    }

    private void DefineSilence()
    {
        It("takes a question for a call that wants no answer, and stays", async () =>
        {
            Client asking = await Connect(), asked = await Connect();
            var questions = new Inbox<int>("Answer");
            asked.Hub.On<int>("Answer", questions.Add);
            var id = await asked.Call<string>("ConnectionId");

            var answer = asking.Failure("AskClient", id, 5, 500);

            Check.Equal(5, await questions.Next());
            Check.That((await answer).StartsWith(AskFailed, StringComparison.Ordinal));
            await asked.ReceivedNothingMore();
        });
    }

    private void DefineAnswers()
    {
        It("asks another client and hands on its answer", async () =>
        {
            var asking = await Connect();
            var answering = await Connect(new ClientOptions { Answer = async x => { await Task.Yield(); return x * 2; } });
            var id = await answering.Call<string>("ConnectionId");

            Check.Equal(42, await asking.Call<int>("AskClient", id, 21, 10_000));
            Check.Equal(-2, await asking.Call<int>("AskClient", id, -1, 10_000));
        });

        HubbubOnly("asks the caller itself", async () =>
        {
            var client = await Connect(new ClientOptions { Answer = x => Task.FromResult(x + 1) });

            Check.Equal(8, await client.Call<int>("AskClient", await client.Call<string>("ConnectionId"), 7, 10_000));
        });

        It("fails when the client fails, and the client stays", async () =>
        {
            var asking = await Connect();
            var answering = await Connect(new ClientOptions { Answer = x => x > 0 ? Task.FromResult(x) : throw new InvalidOperationException("cannot") });
            var id = await answering.Call<string>("ConnectionId");

            Check.That((await asking.Failure("AskClient", id, 0, 10_000)).StartsWith(AskFailed, StringComparison.Ordinal));
            Check.Equal(5, await asking.Call<int>("AskClient", id, 5, 10_000));
        });

        It("fails when the client has no such method", async () =>
        {
            Client asking = await Connect(), silent = await Connect();
            var id = await silent.Call<string>("ConnectionId");

            Check.That((await asking.Failure("AskClient", id, 1, 10_000)).StartsWith(AskFailed, StringComparison.Ordinal));
            Check.Equal("fine", await silent.Call<string>("Echo", "fine"));
        });

        It("fails when the client does not answer in time", async () =>
        {
            var never = new TaskCompletionSource<int>();
            var asking = await Connect();
            var answering = await Connect(new ClientOptions { Answer = _ => never.Task });
            var id = await answering.Call<string>("ConnectionId");

            Check.That((await asking.Failure("AskClient", id, 1, 100)).StartsWith(AskFailed, StringComparison.Ordinal));
            never.SetResult(1);
            await answering.ReceivedNothingMore();
        });

        HubbubOnly("fails at once when the client leaves, and for a client that is not there", async () =>
        {
            var asked = new Inbox<int>("Answer");
            var never = new TaskCompletionSource<int>();
            var asking = await Connect();
            var leaving = await Connect(new ClientOptions { Answer = x => { asked.Add(x); return never.Task; } });
            var id = await leaving.Call<string>("ConnectionId");

            var answer = asking.Failure("AskClient", id, 3, 30_000);
            Check.Equal(3, await asked.Next());
            await leaving.Stop();

            Check.That((await answer).StartsWith(AskFailed, StringComparison.Ordinal));
            Check.That((await asking.Failure("AskClient", id, 3, 30_000)).StartsWith(AskFailed, StringComparison.Ordinal));
        });
    }
}
