namespace DataSsl.Torch.Tests.Distributed;

/// <summary>The launchers' variables, and what is said about wrong ones.</summary>
public sealed class RendezvousTests : IDisposable
{
    private static readonly string[] Names = ["RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT"];

    public RendezvousTests() => Clear();

    public void Dispose() => Clear();

    [Fact]
    public void Without_variables_there_is_no_group() => Assert.Null(Rendezvous.FromEnvironment());

    [Fact]
    public void The_variables_of_torchrun_are_read()
    {
        Set("RANK=9", "WORLD_SIZE=16", "LOCAL_RANK=1", "MASTER_ADDR=node0", "MASTER_PORT=29500", "TORCHELASTIC_USE_AGENT_STORE=True", "TORCHELASTIC_RESTART_COUNT=2");
        Assert.Equal(new Rendezvous(9, 16, 1, "node0", 29500) { HasAgent = true, Prefix = "datassl/2" }, Rendezvous.FromEnvironment());
    }

    [Fact]
    public void One_process_needs_no_place_to_meet()
    {
        Set("RANK=0", "WORLD_SIZE=1");
        Assert.Equal(1, Rendezvous.FromEnvironment()!.Size);
    }

    [Theory]
    [InlineData("RANK", "RANK=", "WORLD_SIZE=2")]
    [InlineData("RANK", "RANK=2", "WORLD_SIZE=2")]
    [InlineData("WORLD_SIZE", "RANK=0", "WORLD_SIZE=x")]
    [InlineData("WORLD_SIZE", "RANK=0")]
    [InlineData("LOCAL_RANK", "RANK=0", "WORLD_SIZE=2", "LOCAL_RANK=-1")]
    [InlineData("MASTER_ADDR", "RANK=0", "WORLD_SIZE=2")]
    [InlineData("MASTER_PORT", "RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=here")]
    [InlineData("MASTER_PORT", "RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=here", "MASTER_PORT=70000")]
    public void A_wrong_variable_is_named(string name, params string[] variables)
    {
        Set(variables);
        Assert.StartsWith($"{name} is ", Assert.Throws<FormatException>(() => Rendezvous.FromEnvironment()).Message, StringComparison.Ordinal);
    }

    private static void Set(params string[] variables)
    {
        foreach (var variable in variables) Environment.SetEnvironmentVariable(variable.Split('=')[0], variable.Split('=')[1]);
    }

    private static void Clear()
    {
        foreach (var name in Names) Environment.SetEnvironmentVariable(name, null);
    }
}
