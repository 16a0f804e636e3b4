using System.Text;
using DataSsl.Cli.Tests;
using DataSsl.Search.Candidates;

namespace DataSsl.Fuzz;

/// <summary>Architectures as people and files write them.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class ArchitectureTests(TrainedRun run)
{
    /// <summary>
    /// A text is an architecture, of choices that the space's axes have and of the same canonical text once read again, or refused in one
    /// line.
    /// </summary>
    [Fact]
    public void A_damaged_text_is_an_architecture_or_refused_in_one_line()
    {
        var space = Spaces.Demo.Space;
        string[] texts = [space.Max.ToString(), space.Min.ToString(), "Min", "#17", .. space.Anchors.Select(a => a.Name)];
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < Mutation.Rounds(400); seed++)
        {
            var text = Encoding.Latin1.GetString(Mutation.Of(Encoding.Latin1.GetBytes(texts[seed % texts.Length]), seed));
            var said = text.Length == 0 ? "" : Ending.Of($"architecture, seed {seed}", "cost", "--space", "Demo", $"--arch={text}");
            var architecture = space.TryParse(text);
            Assert.True(
                text.Length == 0 || said is null == architecture is not null,
                $"architecture, seed {seed}: '{text}' is {architecture?.ToString() ?? "none"}, and 'cost' says {said ?? "nothing"}");
            if (architecture is null)
            {
                refused++;
                continue;
            }
            read++;
            Assert.Equal(architecture, space.Parse(architecture.ToString()));
            foreach (var (axis, choice) in space.Axes.Zip(architecture.Choices.ToArray()))
                Assert.True(axis.Accepts(choice), $"architecture, seed {seed}: {text} has {choice}");
        }
        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused");
    }

    [Fact]
    public void A_damaged_list_of_architectures_is_read_or_refused_in_one_line()
    {
        var (original, file, refused) = (Encoding.UTF8.GetBytes($"# some\nMin\n#1\n{Spaces.Demo.Space.Max} # the largest\n#2\n"),
            run.File("fuzz-architectures.txt"), 0);
        for (var seed = 0; seed < Mutation.Rounds(400); seed++)
        {
            File.WriteAllBytes(file, Mutation.Of(original, seed));
            if (Refusal.Of($"list, seed {seed}", file, () => CandidateFile.Read(Spaces.Demo.Space, file)).Refused is not null) refused++;
        }
        Assert.True(refused > 0, "no damage was seen");
    }
}
