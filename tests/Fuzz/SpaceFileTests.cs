using System.Text;
using DataSsl.Cli.Tests;

namespace DataSsl.Fuzz;

/// <summary>Space files that anybody may have written.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SpaceFileTests(TrainedRun run)
{
    [Fact]
    public void A_damaged_space_is_read_or_refused_in_one_line() =>
        Ending.OfEach(
            run.File("fuzz.space.yaml"), Encoding.UTF8.GetBytes(Spaces.Demo.Space.Source), 200, (_, file) => ["space", "check", file]);
}
