using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Recipes;
using DataSsl.Cli.Training;
using DataSsl.Jobs.Recipes;
using DataSsl.Runtime.Training;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Cli.Tests.Recipes;

/// <summary>One file in the place of a command line.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class RecipeTests(TrainedRun run)
{
    public static TheoryData<string> Presets =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "recipes"), "images-*").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [InlineData("moco-v2", "--temperature", "0.1")]
    [InlineData("simclr", "--arch", "Middle")]
    [InlineData("byol", "--teacher-momentum", "0.98")]
    [InlineData("ressl", "--queue", "16")]
    [InlineData("densecl", "--dense-weight", "0.3")]
    [InlineData("swav", "--views", "sslight-swav-cnn")]
    [InlineData("moco-v2", "--views", "sslight-moco-cnn")]
    [InlineData("dino", "--learn-gain", "1")]
    [InlineData("byol", "--teacher-architecture", "student")]
    [InlineData("moco-v2", "--draws", "lacking")]
    [InlineData("dino", "--teacher-warmup", "3")]
    public void A_run_s_recipe_gives_the_run_again(string objective, string option, string value)
    {
        var first = Options(
            "--space", "Small32", "--data", run.Data, "--batch", "8", "--epochs", "3", "--objective", objective, option, value);
        Assert.Equal(first, Options("--recipe", File(RecipeText.Of(first))));
    }

    /// <summary>Lines that end within a name, and such as would end the file, are the name's still.</summary>
    [SkippableTheory]
    [InlineData("it's\n... \n--- 'x' \"y\" \\n: {a} # b\n  path: other")]
    [InlineData("tab\tbell\a next\u0085line\u2028ends")]
    public void A_folder_of_any_name_comes_again(string name)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other systems have no such names");
        var folder = run.File(name);
        CopyTo(Directory.CreateDirectory(folder).FullName);
        var first = Options("--space", "Small32", "--data", folder, "--batch", "8", "--epochs", "3");
        Assert.Equal(folder, first.Data);
        Assert.Equal(first, Options("--recipe", File(RecipeText.Of(first))));

        void CopyTo(string target)
        {
            foreach (var (image, i) in Directory.GetFiles(run.Data, "*.png", SearchOption.AllDirectories).Select((image, i) => (image, i)))
                System.IO.File.Copy(image, Path.Combine(target, $"{i}.png"));
        }
    }

    [Fact]
    public void Views_that_are_written_out_come_again()
    {
        var crops = "views: { crops: [{ name: whole, count: 2, area: [0.4, 1], blur: { chance: 0.5, sigma: [0.1, 1] } }, { name: part, "
            + "size: 16, seen-by: student }] }\n";
        var first = Options("--space", "Small32", "--data", run.Data, "--batch", "8", "--objective", "dino", "--recipe", File(crops));
        Assert.Equal(["whole 1", "whole 2", "part"], first.Method.Views.Views.Select(view => view.Name));
        Assert.Equal(first, Options("--recipe", File(RecipeText.Of(first))));
    }

    /// <summary>96 of 224 pixels, to the nearest whole number of patches of 16 and at least one.</summary>
    [Theory]
    [InlineData(32, 16)]
    [InlineData(128, 48)]
    [InlineData(160, 64)]
    [InlineData(192, 80)]
    [InlineData(224, 96)]
    public void A_transformer_s_local_crops_are_whole_patches(int size, int local)
    {
        var options = Options(
            "--space", "VisionTransformers", "--data", run.Data, "--batch", "8", "--objective", "dino", "--size", $"{size}");
        Assert.Equal([size, local], options.Method.Views.Views.Select(view => view.Recipe.Size).Distinct());
        Assert.Equal(options, Options("--recipe", File(RecipeText.Of(options))));
    }

    [Fact]
    public void A_transformer_trains_at_the_smallest_size_and_goes_on_with_the_views_that_it_has()
    {
        var folder = run.NewFolder();
        Command.Succeed(
            "train", "--space", "VisionTransformers", "--arch", "Min", "--size", "32", "--objective", "dino", "--data", run.Data, "--batch",
            "8", "--epochs", "1", "--compute", "float32", "--out", folder);
        Assert.StartsWith("nothing to train", Command.Succeed("train", "--resume", "--out", folder, "--views", "dino").Output);
    }

    [Fact]
    public void A_view_of_half_a_patch_is_refused()
    {
        var crops = File("views: { crops: [{ name: whole, count: 2 }, { name: part, size: 24, seen-by: student }] }\n");
        Assert.Contains(
            "part",
            Command.Refuse(
                "train", "--recipe", crops, "--space", "VisionTransformers", "--size", "32", "--objective", "dino", "--data", run.Data,
                "--batch", "8", "--out", run.NewFolder()),
            StringComparison.Ordinal);
        Assert.Contains(
            "give a multiple of it, such as 96",
            Command.Refuse(
                "train", "--space", "VisionTransformers", "--size", "100", "--data", run.Data, "--batch", "8", "--out", run.NewFolder()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_has_the_last_word()
    {
        var path = File(
            $"network: {{ space: Small32 }}\nobjective: {{ name: ressl, temperature: 0.3 }}\ndata: {{ path: '{run.Data}', size: 32 }}\nschedule: {{ epochs: 7, batch: 8 }}\n");
        var options = Options("--recipe", path, "--epochs", "2");
        Assert.Equal((2, 8, "ressl"), (options.Epochs, options.Batch, options.Method.Objective.Name));
    }

    [Fact]
    public void Training_follows_a_recipe_and_keeps_the_resolved_one()
    {
        var (folder, again) = (run.NewFolder(), run.NewFolder());
        var path = File("network: Small32\nobjective: { name: byol, hidden: 16, dimension: 8 }\nschedule: { epochs: 1, batch: 8 }\n");
        Command.Succeed("train", "--recipe", path, "--data", run.Data, "--compute", "float32", "--out", folder);
        Command.Succeed("train", "--recipe", Path.Combine(folder, RecipeText.FileName), "--out", again);
        Assert.Equal(Settings(folder), Settings(again));

        static string Settings(string of) =>
            JsonNode.Parse(System.IO.File.ReadAllText(Path.Combine(of, Trainer.OptionsFile)))!.ToJsonString();
    }

    [Theory]
    [InlineData("schedule: { epoch: 3 }", "(1,13): error DSG002: unknown key 'epoch', did you mean 'epochs'?")]
    [InlineData("schedule: { epochs: many }", "(1,21): error DSG004: 'epochs' must be a whole number from 1 to 1000000")]
    [InlineData("objectives: moco-v2", "(1,1): error DSG002: unknown key 'objectives', did you mean 'objective'?")]
    [InlineData("schedule: 3", "(1,11): error DSG004: 'schedule' must be a mapping of keys to values")]
    public void A_mistake_is_named_at_its_place(string text, string message)
    {
        var path = File(text);
        Assert.Equal(path + message, Command.Refuse("train", "--recipe", path, "--data", run.Data, "--out", run.NewFolder()));
    }

    [Fact]
    public void A_recipe_that_is_not_there_is_named() =>
        Assert.Equal("none.recipe.yaml: no such file", Command.Refuse("train", "--recipe", "none.recipe.yaml", "--out", run.NewFolder()));

    [Theory]
    [MemberData(nameof(Presets))]
    public void The_presets_are_sound(string name)
    {
        var options = Options("--recipe", Path.Combine(AppContext.BaseDirectory, "recipes", name), "--data", run.Data, "--batch", "8");
        Assert.EndsWith($"-{options.Size}px.recipe.yaml", name, StringComparison.Ordinal);
    }

    private string File(string text)
    {
        var path = run.NewFolder() + ".recipe.yaml";
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The configuration that <c>train</c> makes of a command line.</summary>
    private static TrainOptions Options(params string[] arguments)
    {
        var verb = new TrainVerbOptions();
        var command = new System.CommandLine.Command("train");
        foreach (var option in verb.All) command.Add(option);
        var parsed = command.Parse(arguments);
        if (parsed.GetValue(verb.Recipe) is { } recipe) parsed = command.Parse([.. arguments, .. RecipeFile.Arguments(recipe, parsed)]);
        Assert.Empty(parsed.Errors);
        return verb.Fresh(new(CompiledSpaces.All), parsed, CPU, folder: null).Options;
    }
}
