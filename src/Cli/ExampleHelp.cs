using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DataSsl.Cli;

/// <summary>Ends the help of a verb with a command line that can be copied.</summary>
internal sealed class ExampleHelp(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new()
    {
        [""] =
        [
            "datassl demo", "datassl train --space DataResNet --data photos --out runs/mine",
            "datassl search --checkpoint runs/mine --data photos --budgets 2-3G,3-4G --out runs/mine",
        ],
        ["doctor"] = ["datassl doctor --json"],
        ["data"] = ["datassl data check --data photos --out checked"],
        ["data check"] =
        [
            "datassl data check --data photos --out checked",
            "datassl data check --data labelled/train --test labelled/test --keep dark,bright --out checked",
        ],
        ["space"] = ["datassl space list"],
        ["space list"] = ["datassl space list"],
        ["space show"] = ["datassl space show DataResNet"],
        ["space check"] = ["datassl space check spaces/mine.space.yaml"],
        ["cost"] =
        [
            "datassl cost --space DataResNet --arch ResNet50",
            "datassl cost --space DataResNet --width 64,64,128,256,512 --depth 3,4,6,3 --size 224 --json",
        ],
        ["train"] =
        [
            "datassl train --space DataResNet --data photos --out runs/mine",
            "datassl train --recipe recipes/images-10k-64px.recipe.yaml --data photos --out runs/mine",
            "datassl train --space AroundResNet18 --from imagenet-resnet18 --size 96 --data photos --out runs/mine",
            "datassl train --space Small32 --teacher imagenet-resnet18 --size 32 --data photos --out runs/mine",
            "datassl train --resume --out runs/mine",
        ],
        ["launch"] = ["datassl launch --nproc 2 -- train --space DataResNet --data photos --out runs/mine"],
        ["search"] =
        [
            "datassl search --checkpoint runs/mine --data photos --budgets '2-3G,params<=25M' --tasks classification,detection --out "
                + "runs/mine",
            "datassl search --checkpoint runs/mine --data photos --budgets 3-4G --strategy evolution --candidates 1000 --out runs/mine",
            "datassl search --checkpoint runs/mine --data photos --budgets '3-4G and params<=25M' --tasks 'mine=C3-C5:relation' --resume "
                + "--out runs/mine",
        ],
        ["plan search"] = ["datassl plan search --checkpoint runs/mine --data photos --budgets 2-3G,3-4G --tasks classification,detection"],
        ["bench search"] = ["datassl bench search --sample 48 --json"],
        ["report"] = ["datassl report --search runs/mine/search.json --metrics runs/mine"],
        ["emit"] =
        [
            "datassl emit --search runs/mine/search.json --out src/Models",
            "datassl emit --checkpoint runs/mine --arch ResNet50 --name Backbone --namespace Acme.Models --out src/Models",
        ],
        ["evaluate"] = ["datassl evaluate linear --checkpoint runs/mine --arch Max --data labelled/train --test labelled/test"],
        ["evaluate knn"] =
        [
            "datassl evaluate knn --checkpoint runs/mine --arch Max --data labelled/train --test labelled/test",
            "datassl evaluate knn --random --space DataResNet --arch ResNet50 --data labelled",
            "datassl evaluate knn --from imagenet-resnet18 --space AroundResNet18 --size 96 --data labelled",
        ],
        ["evaluate linear"] =
        [
            "datassl evaluate linear --checkpoint runs/mine --arch ResNet50 --data labelled.csv --labels 10%",
            "datassl evaluate linear --emitted src/Models/Backbone.cs --data labelled",
        ],
        ["evaluate finetune"] =
        [
            "datassl evaluate finetune --checkpoint runs/mine --arch ResNet50 --data labelled --labels 1% --epochs 60 --json",
        ],
        ["evaluate detect"] =
        [
            "datassl evaluate detect --checkpoint runs/mine --arch Max --data boxes/train --test boxes/test --size 320 --out runs/detector",
            "datassl evaluate detect --from imagenet-resnet18 --space AroundResNet18 --data VOC --labels 10% --out runs/few",
            "datassl evaluate detect --random --space DataResNet --arch ResNet50 --head fpn --data coco --resume --out runs/floor",
        ],
        ["evaluate instances"] =
        [
            "datassl evaluate instances --checkpoint runs/mine --data coco/annotations/train.json --test coco/annotations/val.json --out "
                + "runs/masks",
        ],
        ["evaluate segment"] =
        [
            "datassl evaluate segment --checkpoint runs/mine --data camvid/train --test camvid/val --void 11 --size 240x320 --out "
                + "runs/segmenter",
        ],
        ["embed"] =
        [
            "datassl embed --checkpoint runs/mine --arch Max --data photos --out photos.npy",
            "datassl embed --from imagenet-resnet18 --space AroundResNet18 --data photos --out photos.csv",
        ],
        ["similar"] = ["datassl similar nearest --emitted src/Models/Backbone.cs --data photos --query photo.jpg --out found"],
        ["similar nearest"] =
        [
            "datassl similar nearest --checkpoint runs/mine --data photos --query one.jpg --query another.jpg --k 20 --out found",
        ],
        ["similar novel"] =
        [
            "datassl similar novel --from imagenet-resnet18 --space AroundResNet18 --reference good --data new --out found",
            "datassl similar novel --checkpoint runs/mine --reference good/train --normal good/test --data bad --k 2 --json",
        ],
        ["similar outliers"] = ["datassl similar outliers --checkpoint runs/mine --data photos --show 50 --out found"],
        ["similar clusters"] = ["datassl similar clusters --checkpoint runs/mine --data photos --clusters 12 --seed 3 --out found"],
        ["study"] =
        [
            "datassl study --checkpoint runs/mine --data photos --train labelled/train --test labelled/test --subnets 20 --out "
                + "studies/mine",
            "datassl study --checkpoint runs/mine --data photos --train labelled --list subnets.txt --method finetune --labels 1% --out "
                + "studies/mine",
        ],
        ["study detect"] =
        [
            "datassl study detect --checkpoint runs/mine --data boxes/train --test boxes/test --subnets 16 --size 320 --out studies/boxes",
            "datassl study detect --checkpoint runs/mine --data boxes/train --test boxes/test --list subnets.txt --head faster-rcnn-c4 "
                + "--metric AP50 --compare-domain photos --out studies/boxes",
        ],
        ["study instances"] =
        [
            "datassl study instances --checkpoint runs/mine --data coco/annotations/train.json --test coco/annotations/val.json --out "
                + "studies/masks",
        ],
        ["study segment"] =
        [
            "datassl study segment --checkpoint runs/mine --data camvid/train --test camvid/val --void 11 --size 240x320 --compare-domain "
                + "photos --out studies/streets",
        ],
        ["survey"] =
        [
            "datassl survey --networks surveys/small32.txt --scenarios scenarios.txt --data photos --epochs 4 --out surveys/mine",
            "datassl survey --networks list.txt --scenarios scenarios.txt --from-supernet runs/mine --sample 12 --data photos --out "
                + "surveys/slices",
            "datassl launch --nproc 2 -- survey --networks surveys/small32.txt --scenarios scenarios.txt --data photos --out surveys/mine",
        ],
        ["plan survey"] =
        [
            "datassl plan survey --networks surveys/small32.txt --scenarios scenarios.txt --data photos --epochs 4",
        ],
        ["plan train"] = ["datassl plan train --space DataResNet --data photos --out runs/mine"],
        ["verdict"] =
        [
            "datassl verdict --winner runs/mine --arch '#4711' --data labelled/train --test labelled/test --out verdicts/mine",
            "datassl verdict --winner src/Models/Backbone.cs --handcrafted runs/resnet50 --data labelled --methods knn,linear --by linear "
                + "--out verdicts/mine",
        ],
        ["demo"] = ["datassl demo --out out/demo"],
        ["completion"] = ["eval \"$(datassl completion bash)\""],
        ["completion bash"] = ["eval \"$(datassl completion bash)\""],
        ["completion zsh"] = ["eval \"$(datassl completion zsh)\""],
        ["completion pwsh"] = ["datassl completion pwsh | Out-String | Invoke-Expression"],
    };

    /// <summary>Gives every verb of a command line its examples.</summary>
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExampleHelp((SynchronousCommandLineAction)option.Action!);
    }

    public override int Invoke(ParseResult parsed)
    {
        var code = help.Invoke(parsed);
        var examples = Examples.GetValueOrDefault(PathOf(parsed.CommandResult), []);
        if (examples.Length > 0) Console.Out.WriteLine("Examples:");
        foreach (var example in examples) Console.Out.WriteLine($"  {example}");
        return code;
    }

    /// <summary>The words after the program's name: <c>space show</c>; empty for the program itself.</summary>
    public static string PathOf(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent
        ? $"{PathOf(parent)} {command.Command.Name}".Trim()
        : "";
}
