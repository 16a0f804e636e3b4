using System.Text;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Tests;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Fuzz;

/// <summary>Recipes that anybody may have written.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class RecipeTests(TrainedRun run)
{
    /// <summary>One with every section, and views written out.</summary>
    private string Whole => $$"""
        recipe: whole
        network: { space: Small32, rule: Released, compute: float32 }
        objective: { name: dino, dimension: 8, hidden: 16, prototypes: 32, freeze: 1, temperature: 0.1, teacher-temperature: 0.05, teacher-warmup: 1, centre-momentum: 0.9, norm-groups: 2 }
        views: { name: mine, crops: [{ name: whole, count: 2, size: 32, area: [0.4, 1], aspect: [0.75, 1.3], flip: 0.5, jitter: { chance: 0.8, brightness: 0.4, hue: 0.1 }, blur: { chance: 0.5, sigma: [0.1, 1] } }, { name: part, size: 16, seen-by: student }] }
        optimizer: { name: sgd, rate: 0.05, final-rate: 0.001, warmup: 1, weight-decay: 0.0001, clip: 3 }
        data: { path: '{{run.Data}}', size: 32 }
        schedule: { epochs: 12, batch: 8, seed: 3 }

        """;

    [Fact]
    public void A_damaged_recipe_is_resolved_or_refused_in_one_line()
    {
        Assert.NotNull(Resolved(Write(Encoding.UTF8.GetBytes(Whole)), out _));
        var original = Encoding.UTF8.GetBytes(Whole);
        var refused = 0;
        for (var seed = 0; seed < Mutation.Rounds(200); seed++)
        {
            var path = Write(Mutation.Of(original, seed));
            try
            {
                if (Resolved(path, out var line) is { } options)
                {
                    // What is taken is sound, whatever it says.
                    options.Checked("");
                    options.Method.CheckViews();
                    continue;
                }
                refused++;
                Assert.True(line!.Length > 0 && !line.Contains('\n'), $"seed {seed}: {line}");
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {e}\n{File.ReadAllText(path)}");
            }
        }
        Assert.True(refused > 0, "no damage was seen");
    }

    /// <summary>The command itself, to the line and the code that it ends with; the recipe is read before anything else.</summary>
    [Fact]
    public void A_command_with_a_damaged_recipe_ends_in_one_line()
    {
        var original = Encoding.UTF8.GetBytes(Whole);
        for (var seed = 0; seed < Mutation.Rounds(60); seed++)
            Assert.NotNull(
                Ending.Of(
                    $"recipe, seed {seed}", "train", "--recipe", Write(Mutation.Of(original, seed)), "--resume", "--out",
                    run.File("no-run")));
    }

    /// <summary>A run's configuration as the recipe gives it; null, and the line that refuses it.</summary>
    private static TrainOptions? Resolved(string path, out string? line)
    {
        line = null;
        var verb = new TrainVerbOptions();
        var command = new System.CommandLine.RootCommand();
        foreach (var option in verb.All) command.Add(option);
        var error = Console.Error;
        Console.SetError(TextWriter.Null);
        try
        {
            string[] arguments = ["--recipe", path];
            var parsed = command.Parse([.. arguments, .. RecipeFile.Arguments(path, command.Parse(arguments))]);
            if (parsed.Errors.Count > 0) throw new UserException(parsed.Errors[0].Message);
            return verb.Fresh(new SpaceCatalogue(CompiledSpaces.All), parsed, CPU, folder: null).Options;
        }
        catch (UserException e)
        {
            line = OneLine.Of(e.Message);
            return null;
        }
        finally
        {
            Console.SetError(error);
        }
    }

    private string Write(byte[] recipe)
    {
        var path = run.File("fuzz.recipe.yaml");
        File.WriteAllBytes(path, recipe);
        return path;
    }
}
