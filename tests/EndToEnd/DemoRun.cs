namespace DataSsl.EndToEnd;

/// <summary>
/// One run of the demo, small, for every test that looks at what it made: by the tool that a newcomer has installed from the packages.
/// </summary>
public sealed class DemoRun : IDisposable
{
    public DemoRun()
    {
        Somebody.InstallTool();
        var demo = Somebody.DataSsl("demo", "--out", Folder, "--images", "160", "--epochs", "1", "--threads", "2").Succeeded();
        (Output, Error) = (demo.Output, demo.Error);
        Somebody.DataSsl(
                "emit", "--checkpoint", File("run"), "--arch", "Half", "--name", "Backbone", "--forms",
                "class,folded,onnx,csharp,onnx-uint8", "--out", Models, "--images", "32")
            .Succeeded();
    }

    /// <summary>Who ran it.</summary>
    internal Newcomer Somebody { get; } = new();

    /// <summary>What it printed.</summary>
    public string Output { get; }

    /// <summary>How it went on.</summary>
    public string Error { get; }

    public string Folder => Path.Combine(Somebody.Folder, "demo");

    /// <summary>An anchor of its supernet, emitted afterwards as Backbone.</summary>
    public string Models => Path.Combine(Somebody.Folder, "Models");

    public string File(params string[] names) => Path.Combine([Folder, .. names]);

    public void Dispose() => Somebody.Dispose();
}

/// <summary>Tests over one demo.</summary>
[CollectionDefinition(nameof(DemoCollection))]
public sealed class DemoCollection : ICollectionFixture<DemoRun>;
