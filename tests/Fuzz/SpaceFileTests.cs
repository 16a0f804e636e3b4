using System.Text;
using DataSsl.Cli.Tests;

namespace DataSsl.Fuzz;

/// <summary>Space files that anybody may have written.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SpaceFileTests(TrainedRun run)
{
    [Fact]
    public void A_damaged_space_is_read_or_refused_in_one_line()
    {
        var original = Encoding.UTF8.GetBytes(Spaces.Demo.Space.Source);
        var file = run.File("fuzz.space.yaml");
        var refused = 0;
        for (var seed = 0; seed < Mutation.Rounds(200); seed++)
        {
            File.WriteAllBytes(file, Mutation.Of(original, seed));
            if (Ending.Of($"space, seed {seed}", "space", "check", file) is { } line)
            {
                refused++;
                Assert.Contains("fuzz.space.yaml", line, StringComparison.Ordinal);
            }
        }
        Assert.True(refused > 0, "no damage was seen");
    }
}
