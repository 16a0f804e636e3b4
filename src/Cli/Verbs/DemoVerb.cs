using System.CommandLine;
using DataSsl.Cli.Demo;
using DataSsl.Cli.Shared;
using DataSsl.Demo;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Training;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl demo</c>: the whole path on images that it paints itself, by the commands that a user would give.</summary>
internal static class DemoVerb
{
    /// <param name="run">Runs a command within the command line that it is given.</param>
    public static Command Create(SpaceCatalogue spaces, Func<Command, IReadOnlyList<string>, int> run)
    {
        var @out = new Option<string>("--out")
        {
            Description = "Folder for everything that the demo makes.",
            DefaultValueFactory = _ => Path.Combine("out", "demo"),
            HelpName = "FOLDER",
        };
        var images = NumberOption.Of(
            "--images",
            new Bounds<int>(120, 1_000_000)
            {
                Reason = "a quarter is kept to test on, and the labels of a tenth of the others must be more than the eight classes",
            },
            1600, "Images painted for each of the two domains.");
        var epochs = NumberOption.Of("--epochs", TrainBounds.Epochs, 12, "Training epochs.");
        var domain = new Option<string>("--domain")
        {
            Description = $"The domain that is learnt: {string.Join(" or ", DemoSet.Domains.Select(d => d.Domain))}.",
            DefaultValueFactory = _ => "cells",
            HelpName = "NAME",
        };
        var threads = Options.Threads();
        var command = new Command(
            "demo",
            "Paint images of two domains, train a supernet on one from ImageNet's weights, search, emit the winners, use one, and tell "
                + "whether it is worth having: minutes on two cores.") { @out, images, epochs, domain, threads };
        command.SetAction(parsed =>
        {
            Options.SetThreads(parsed, threads);
            var learnt = parsed.GetValue(domain)!;
            if (DemoSet.Domains.All(d => d.Domain != learnt))
                throw new UserException($"--domain {learnt}: give {string.Join(" or ", DemoSet.Domains.Select(d => d.Domain))}");
            return new DemoJob(
                spaces, RunFolder.Take(parsed.GetValue(@out)!), learnt, parsed.GetValue(images), parsed.GetValue(epochs),
                [.. Options.Given(parsed, threads)]).Run(words => run(parsed.RootCommandResult.Command, words));
        });
        return command;
    }
}
