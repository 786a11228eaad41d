# What goes onto every board. A board's own manifest includes this one and adds its board.py.
package("kerb")
module("boot.py")
module("main.py")
require("umqtt.simple")
