namespace DataSsl.Kernels.Tests;

/// <summary>Threads that share the parts of each step.</summary>
public sealed unsafe class MachineTests
{
    /// <summary>More threads than this machine may have cores: some come late, and others do their parts.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(32)]
    public void Every_part_of_every_step_is_done_once_before_the_next_begins(int threads)
    {
        using var machine = new Machine(threads, bits: 0);
        var steps = new[] { new Counting(machine), new Counting(machine) };
        for (var round = 1; round <= 3_000; round++)
        {
            foreach (var step in steps)
            {
                step.Run(null, null);
                Assert.All(step.Done, times => Assert.Equal(round, times));
            }
        }
    }

    [Fact]
    public void More_threads_than_there_are_bits_are_not_made()
    {
        using var machine = new Machine(threads: 100, bits: 0);
        Assert.Equal(32, machine.Threads);
    }

    private sealed class Counting(Machine machine) : Step(machine)
    {
        public int[] Done { get; } = new int[machine.Threads];

        protected internal override void Work(int part, int parts)
        {
            Assert.Equal(Done.Length, parts);
            Interlocked.Increment(ref Done[part]);
        }
    }
}
