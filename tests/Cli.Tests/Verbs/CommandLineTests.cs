namespace DataSsl.Cli.Tests.Verbs;

/// <summary>How words become options, on the command line and in recipes.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class CommandLineTests(TrainedRun run)
{
    [Theory]
    [InlineData("unknown command 'tarin', did you mean 'train'? See 'datassl --help'.", "tarin")]
    [InlineData("unknown command 'lst', did you mean 'list'? See 'datassl space --help'.", "space", "lst")]
    [InlineData("unknown command 'knnn', did you mean 'knn'? See 'datassl evaluate --help'.", "evaluate", "knnn", "--data", "x")]
    [
        InlineData(
            "--max-first 1: give a number from 0 to below 1; its subnets would not train at all; --arch Max trains Max by itself. See "
                + "'datassl train --help'.",
            "train", "--max-first", "1"),
    ]
    [InlineData("unknown option '--epoch', did you mean '--epochs'? See 'datassl train --help'.", "train", "--epoch", "3")]
    [InlineData("unknown option '--space-flie', did you mean '--space-file'? See 'datassl train --help'.", "train", "--space-flie", "3")]
    public void A_slip_is_told_with_what_was_meant(string line, params string[] arguments) => Assert.Equal(line, Command.Refuse(arguments));

    [Fact]
    public void A_word_that_begins_with_at_is_that_word()
    {
        var (folder, arguments) = (run.NewFolder() + "/@photos", run.File("arguments"));
        var (train, _) = run.LabelledSets();
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        if (!OperatingSystem.IsWindows()) Directory.CreateSymbolicLink(folder, train);
        var here = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(Path.GetDirectoryName(folder)!);
        try
        {
            File.WriteAllText("arguments", "--json");
            Assert.Contains("unknown command '@arguments'", Command.Refuse("@arguments"));
            Assert.Equal(
                "the image folder '@arguments' does not exist",
                Command.Refuse("evaluate", "knn", "--random", "--space", "Small32", "--data", "@arguments"));
            if (!OperatingSystem.IsWindows())
                Command.Succeed("evaluate", "knn", "--random", "--space", "Small32", "--data", "@photos", "--threads", "1");
        }
        finally
        {
            Directory.SetCurrentDirectory(here);
        }
    }

    [Fact]
    public void A_word_in_brackets_orders_nothing() => Assert.Contains("unknown command '[suggest]'", Command.Refuse("[suggest]", "tr"));

    [Theory]
    [InlineData("--out is given nothing: ", "train", "--out", "")]
    [InlineData("--cache is given nothing: ", "train", "--cache", " ")]
    [InlineData("--search is given nothing: ", "emit", "--search", "")]
    [InlineData("--search is given nothing: ", "report", "--search", "")]
    [InlineData("--space-file is given nothing: ", "--space-file", "", "space", "list")]
    [InlineData("--recipe is given nothing: ", "train", "--recipe", "")]
    [InlineData("FILE is given nothing: ", "space", "check", "")]
    [InlineData("NAME is given nothing: ", "space", "show", "")]
    public void A_word_that_is_not_there_is_named(string start, params string[] arguments) =>
        Assert.StartsWith(start, Command.Refuse(arguments));

    [Theory]
    [InlineData("rate: '0,05'", "(1,20): error DSG004: 'rate' must be a number above 0 and up to 1000")]
    [InlineData("rate: NaN", "(1,20): error DSG004: 'rate' must be a number above 0 and up to 1000")]
    [InlineData("name: 1", "(1,20): error DSG004: 'name' must be Sgd or Lars or AdamW")]
    public void A_recipe_s_numbers_are_as_plain(string entry, string message)
    {
        var path = run.File("comma.recipe.yaml");
        File.WriteAllText(path, $"optimizer: {{ {entry} }}\n");
        Assert.Equal(path + message, Command.Refuse("train", "--recipe", path, "--out", run.NewFolder()));
    }

    [Fact]
    public void A_recipe_s_value_that_looks_like_an_option_is_a_value()
    {
        var path = run.File("dash.recipe.yaml");
        File.WriteAllText(path, "network: Small32\ndata: { path: --json }\n");
        Assert.Equal("the image folder '--json' does not exist", Command.Refuse("train", "--recipe", path, "--out", run.NewFolder()));
    }

    [Fact]
    public void A_name_with_line_ends_is_told_in_one_line() =>
        Assert.Equal(
            @"the image folder 'no\nsuch\u001b[31m folder' does not exist",
            Command.Refuse("train", "--space", "Small32", "--data", "no\nsuch\u001b[31m folder", "--out", run.NewFolder()));

    [Fact]
    public void An_unknown_space_points_to_space_files() =>
        Assert.EndsWith("; a space of your own comes with --space-file FILE", Command.Refuse("space", "show", "Nope"));
}
