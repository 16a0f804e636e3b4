namespace DataSsl.EndToEnd;

/// <summary>What <c>dotnet new</c> makes of the packed templates, in a home and a folder that have nothing else.</summary>
[Collection(nameof(DemoCollection))]
public sealed class TemplateTests(DemoRun demo)
{
    /// <summary>
    /// A project builds and runs at once, whatever its name, and is the command line over its own space; an emitted class put into its
    /// place is the one that it uses.
    /// </summary>
    [Fact]
    public void A_project_runs_at_once_and_then_with_its_winner()
    {
        var somebody = demo.Somebody;
        var folder = Directory.CreateDirectory(Path.Combine(somebody.Folder, "templates")).FullName;
        PackedFeed.Serve(folder);
        somebody.Dotnet(folder, "new", "install", "DataSsl.Templates");
        somebody.Dotnet(folder, "new", "datassl", "--name", "my-cells.2");
        var project = Path.Combine(folder, "my-cells.2");

        Build();
        Assert.Equal(
            """
            112 architectures, from 1,417,216 to 7,716,864 MACs
            Winner, not trained yet, embeds a picture in 64 numbers

            """, Run());
        Assert.Contains("constraint stage1.width <= stage2.width", Run("space", "show", "Pocket"));

        somebody.DataSsl(
                "emit", "--checkpoint", demo.File("run"), "--arch", "Half", "--name", "Winner", "--forms", "class", "--images", "32",
                "--out", Path.Combine(project, "Models"))
            .Succeeded();
        Build();
        Assert.EndsWith("Winner, trained, embeds a picture in 256 numbers\n", Run());

        somebody.Dotnet(project, "new", "datassl-space", "--name", "Cells");
        Assert.Equal("Cells.space.yaml: Cells, 112 architectures\n", Run("space", "check", "Cells.space.yaml"));

        void Build() => somebody.Dotnet(project, "build", "-c", "Release", "--disable-build-servers", "-warnaserror");
        string Run(params string[] arguments) =>
            somebody.Dotnet(project, ["run", "-c", "Release", "--no-build", "--", .. arguments]);
    }
}
