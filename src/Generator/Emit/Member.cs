using System.Collections.Generic;
using System.Linq;

namespace DataSsl.Generator.Emit;

/// <summary>A field of an emitted module class.</summary>
/// <param name="Field">Its name in C#.</param>
/// <param name="Name">Its name in the state dict.</param>
/// <param name="New">The expression that makes it, on one line or more.</param>
/// <param name="Condition">Constructor parameter without which the field stays null.</param>
internal sealed record Member(string Field, string Name, string Type, string New, string? Condition = null)
{
    public static void EmitFields(SourceWriter w, IEnumerable<Member> members)
    {
        foreach (var m in members)
        {
            if (m.Field != m.Name) w.Line($"[TorchSharp.Utils.ComponentName(Name = {Names.Literal(m.Name)})]");
            w.Line($"private readonly {m.Type}{(m.Condition is null ? "" : "?")} {m.Field};");
        }
    }

    public static void EmitAssignments(SourceWriter w, IEnumerable<Member> members)
    {
        foreach (var m in members) w.Line($"{(m.Condition is null ? "" : $"if ({m.Condition}) ")}{m.Field} = {m.New};");
        w.Line("RegisterComponents();");
    }
}
